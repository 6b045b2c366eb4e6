using MasterController.Contracts;
using MasterController.Core.Addressing;
using MasterController.Core.HostNetwork;
using MasterController.Core.PoolChanges;
using MasterController.Daemon.Access;
using MasterController.Daemon.Errors;
using MasterController.Daemon.Requests;
using Microsoft.AspNetCore.Http.HttpResults;

namespace MasterController.Daemon.Endpoints;

/// <summary><c>/api/v1/pools</c>.</summary>
internal static class PoolEndpoints
{
    private const int MostCooldownSeconds = 86_400;

    public static void Map(RouteGroupBuilder api)
    {
        var pools = api.MapGroup("/pools").WithTags("Pools").WithMetadata(AuditSubject.Pool);
        pools
            .MapGet("", List)
            .Needs(Role.Viewer)
            .Scoped(ScopePart.Handler)
            .Describe("listPools", "List pools", "total = used + cooling + reserved + free.")
            .Refuses(503);
        pools
            .MapPost("", CreateAsync)
            .Needs(Role.Admin)
            .Describe(
                "createPool",
                "Create a pool",
                "No range may overlap with one of any pool. Pools in bridge mode lease at most 1,023 addresses together."
            )
            .Body<CreatePoolRequest>()
            .Refuses(400, 409, 413, 415, 503);
        pools
            .MapGet("/{pool}", Show)
            .Needs(Role.Viewer)
            .Scoped(ScopePart.Pool)
            .Describe("showPool", "Show a pool")
            .Refuses(404, 503);
        pools
            .MapDelete("/{pool}", DeleteAsync)
            .Needs(Role.Admin)
            .Describe("deletePool", "Delete a pool", "Refused while leases are out; the refusal names them.")
            .Refuses(404, 409, 503);
    }

    private static Ok<PoolList> List(PoolView view, HttpContext context) =>
        TypedResults.Ok(new PoolList([.. view.All.Where(p => context.Scope().HasPool(p.Name))]));

    private static async Task<Results<Created<Pool>, ProblemResult>> CreateAsync(
        HttpRequest request,
        PoolView view,
        PoolNetworks networks,
        CancellationToken cancellationToken
    )
    {
        var body = await JsonBody.ReadAsync(request, ContractsJson.Default.CreatePoolRequest, cancellationToken);
        if (body.Problem is { } problem)
            return problem;
        if (Wish(body.Value!, out var errors) is not { } wish)
            return Problems.Invalid(errors);
        var outcome = await networks.CreateAsync(wish, cancellationToken);
        return outcome is PoolOutcome.Done done
            ? TypedResults.Created($"/api/v1/pools/{done.Pool.Name}", view.Of(done.Pool))
            : Problems.From(outcome);
    }

    private static Results<Ok<Pool>, ProblemResult> Show(string pool, PoolView view) =>
        view.Find(pool) is { } found ? TypedResults.Ok(found) : Problems.NotFound("pool", pool);

    private static async Task<Results<NoContent, ProblemResult>> DeleteAsync(
        string pool,
        PoolOperations changes,
        CancellationToken cancellationToken
    ) =>
        await changes.DeleteAsync(pool, cancellationToken) is { } refusal
            ? Problems.From(refusal)
            : TypedResults.NoContent();

    /// <summary>Checks what the pool directory's own request cannot express: what is missing.</summary>
    internal static PoolRequest? Wish(CreatePoolRequest body, out IReadOnlyDictionary<string, string[]> errors)
    {
        Dictionary<string, string[]> wrong = [];
        errors = wrong;
        if (string.IsNullOrEmpty(body.Name))
            wrong["name"] = ["is required"];
        if (body.Ranges is not { Count: > 0 })
            wrong["ranges"] = ["at least one range is required"];
        for (var i = 0; i < (body.Ranges?.Count ?? 0); i++)
        {
            if (string.IsNullOrEmpty(body.Ranges![i].Cidr))
                wrong[$"ranges[{i}].cidr"] = ["is required"];
        }
        if (body.CooldownSeconds is < 0 or > MostCooldownSeconds)
            wrong["cooldownSeconds"] = [$"{body.CooldownSeconds} is not from 0 to {MostCooldownSeconds}"];
        if (wrong.Count > 0)
            return null;
        return new PoolRequest(
            body.Name!,
            [.. body.Ranges!.Select(r => new RangeRequest(r.Cidr!, r.First, r.Last, r.Gateway, r.Reservations))],
            body.CooldownSeconds is { } seconds ? TimeSpan.FromSeconds(seconds) : null,
            body.Strategy,
            body.AllowVmToVm ?? false,
            body.AllowEarlyReuse ?? false,
            body.Network
        );
    }
}
