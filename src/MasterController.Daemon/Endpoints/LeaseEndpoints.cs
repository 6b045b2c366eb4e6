using MasterController.Contracts;
using MasterController.Core.Addressing;
using MasterController.Core.HostNetwork;
using MasterController.Core.Quotas;
using MasterController.Core.Vms;
using MasterController.Daemon.Access;
using MasterController.Daemon.Errors;
using MasterController.Daemon.Requests;
using MasterController.Linux.Addresses;
using Microsoft.AspNetCore.Http.HttpResults;
using Lease = MasterController.Contracts.Lease;

namespace MasterController.Daemon.Endpoints;

/// <summary><c>/api/v1/pools/{pool}/leases</c>.</summary>
internal static class LeaseEndpoints
{
    private const int MostOwnerCharacters = 255;

    private static readonly QueryParameter OwnerFilter = QueryParameter.Text("owner", "Only leases of this owner.");

    private static readonly QueryParameter Owner = new(
        "owner",
        QueryKind.Text,
        "The key that the lease was created with.",
        Required: true
    );

    public static void Map(RouteGroupBuilder api)
    {
        var leases = api.MapGroup("/pools/{pool}/leases").WithTags("Leases").WithMetadata(AuditSubject.Lease);
        leases
            .MapGet("", List)
            .Needs(Role.Viewer)
            .Scoped(ScopePart.Handler)
            .Describe("listLeases", "List a pool's leases", "In address order.")
            .Query(OwnerFilter, Paging.Limit, Paging.Cursor)
            .Refuses(400, 404, 503);
        leases
            .MapPost("", CreateAsync)
            .Needs(Role.Operator)
            .Scoped(ScopePart.Handler)
            .Describe(
                "createLease",
                "Lease an address",
                "201 with a new lease; 200 with the one that the owner has already, so that a lost reply can be retried."
            )
            .Body<CreateLeaseRequest>()
            .Refuses(400, 404, 409, 413, 415, 503);
        leases
            .MapDelete("/{address}", DeleteAsync)
            .Needs(Role.Operator)
            .Scoped(ScopePart.Handler)
            .Describe("deleteLease", "Give an address back", "It cools down before another owner gets it.")
            .Query(Owner)
            .Refuses(400, 404, 409, 503);
    }

    private static Results<Ok<LeaseList>, ProblemResult> List(string pool, HttpRequest request, PoolDirectory pools)
    {
        var query = QueryValues.Read(request);
        if (query.Problem is { } problem)
            return problem;
        var after = default(Ipv4Address);
        if (query.Text(Paging.Cursor) is { } cursor && !Ipv4Address.TryParse(cursor, out after))
            return Paging.Invalid(cursor);
        var scope = request.HttpContext.Scope();
        if (pools.Find(pool) is null || !scope.Has(scope.Owner, pool))
            return Problems.NotFound("pool", pool);

        var limit = query.Integer(Paging.Limit);
        var owner = query.Text(OwnerFilter) ?? scope.Owner;
        if (!scope.Has(owner, pool))
            return TypedResults.Ok(new LeaseList([], Total: 0, Next: null));
        var all = pools.Leases(pool);
        if (owner is not null)
            all = [.. all.Where(l => l.Owner == owner)];
        List<Core.Addressing.Lease> page = [.. all.Where(l => l.Address > after).Take(limit + 1)];
        var next = page.Count > limit ? page[limit - 1].Address.ToString() : null;
        return TypedResults.Ok(
            new LeaseList([.. page.Take(limit).Select(l => Shown(l, pools)).OfType<Lease>()], all.Count, next)
        );
    }

    private static async Task<Results<Created<Lease>, Ok<Lease>, ProblemResult>> CreateAsync(
        string pool,
        HttpRequest request,
        PoolDirectory pools,
        OwnerLeases leases,
        CancellationToken cancellationToken
    )
    {
        var body = await JsonBody.ReadAsync(request, ContractsJson.Default.CreateLeaseRequest, cancellationToken);
        if (body.Problem is { } problem)
            return problem;
        var scope = request.HttpContext.Scope();
        var wish = body.Value! with { Owner = body.Value.Owner ?? scope.Owner };
        if (Check(wish, out var wanted) is { Count: > 0 } errors)
            return Problems.Invalid(errors);
        if (OutOfScope(pool, wish.Owner!, scope) is { } outside)
            return outside;
        var (outcome, exceeded) = await leases.LeaseAsync(pool, wish.Owner!, wanted, cancellationToken);
        if (exceeded is not null)
            return Problems.From(exceeded);
        return outcome switch
        {
            LeaseOutcome.Granted granted => TypedResults.Created(
                $"/api/v1/pools/{pool}/leases/{granted.Lease.Address}",
                Shown(granted.Lease, pools)
            ),
            LeaseOutcome.AlreadyHeld held => TypedResults.Ok(Shown(held.Lease, pools)),
            _ => Problems.From(outcome!),
        };
    }

    private static async Task<Results<NoContent, ProblemResult>> DeleteAsync(
        string pool,
        string address,
        HttpRequest request,
        PoolNetworks networks,
        VmLifecycle vms,
        CancellationToken cancellationToken
    )
    {
        var query = QueryValues.Read(request);
        if (query.Problem is { } problem)
            return problem;
        if (!Ipv4Address.TryParse(address, out var leased))
            return Problems.Invalid("address", $"\"{address}\" is not an IPv4 address");
        var owner = query.Text(Owner)!;
        if (OutOfScope(pool, owner, request.HttpContext.Scope()) is { } outside)
            return outside;
        if (vms.Find(owner) is { } vm && vm.Id == owner && vm.Address == leased)
            return Problems.LeaseOfVm(vm);
        var outcome = await networks.ReleaseAsync(pool, leased, owner, cancellationToken);
        return outcome is ReleaseOutcome.Released ? TypedResults.NoContent() : Problems.From(outcome);
    }

    private static ProblemResult? OutOfScope(string pool, string owner, Scope scope) =>
        scope.Has(owner, pool) ? null
        : scope.Has(scope.Owner, pool) ? Problems.OutOfScope("owner", owner, scope)
        : Problems.NotFound("pool", pool);

    /// <summary>Null when the pool went away in between: its leases are gone with it.</summary>
    private static Lease? Shown(Core.Addressing.Lease lease, PoolDirectory pools) =>
        pools.RangeOf(lease.Pool, lease.Address) is { } range ? Mapping.Lease(lease, range) : null;

    private static Dictionary<string, string[]> Check(CreateLeaseRequest body, out Ipv4Address? wanted)
    {
        wanted = null;
        Dictionary<string, string[]> errors = [];
        if (string.IsNullOrWhiteSpace(body.Owner))
            errors["owner"] = ["is required"];
        else if (body.Owner.Length > MostOwnerCharacters || body.Owner.AsSpan().ContainsAnyInRange('\0', '\x1f'))
            errors["owner"] = [$"has to be at most {MostOwnerCharacters} characters, none of them a control character"];
        else if (VmId.HasForm(body.Owner))
            errors["owner"] = [$"\"{body.Owner}\" has the form of a VM id; those leases come and go with their VMs"];
        if (body.Address is { } text)
        {
            if (Ipv4Address.TryParse(text, out var address))
                wanted = address;
            else
                errors["address"] = [$"\"{text}\" is not an IPv4 address"];
        }
        return errors;
    }
}
