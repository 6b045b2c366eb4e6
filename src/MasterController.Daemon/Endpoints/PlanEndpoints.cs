using MasterController.Contracts;
using MasterController.Core.Addressing;
using MasterController.Core.PoolChanges;
using MasterController.Core.Store;
using MasterController.Daemon.Access;
using MasterController.Daemon.Errors;
using MasterController.Daemon.Requests;
using Microsoft.AspNetCore.Http.HttpResults;
using PoolPlan = MasterController.Contracts.PoolPlan;

namespace MasterController.Daemon.Endpoints;

/// <summary><c>/api/v1/pools/{pool}/plans</c>, and what goes with changes of pools.</summary>
internal static class PlanEndpoints
{
    private const int LeastConfirmSeconds = 10;
    private const int MostConfirmSeconds = 86_400;

    public static void Map(RouteGroupBuilder api)
    {
        var pool = api.MapGroup("/pools/{pool}").WithTags("Pools").WithMetadata(AuditSubject.Pool);
        pool.MapPost("/plans", CreateAsync)
            .Needs(Role.Operator)
            .Describe(
                "planPool",
                "Plan a change of a pool",
                "Works out what the change would do to the pool and the host, and what stands in its way. Changes nothing."
            )
            .Body<CreatePlanRequest>()
            .Refuses(400, 404, 409, 413, 415, 503);
        pool.MapGet("/plans/{plan}", Show)
            .Needs(Role.Viewer)
            .Describe("showPlan", "Show a plan", "Plans are known until the controller ends, 256 at most.")
            .Refuses(404, 503);
        pool.MapPost("/plans/{plan}/apply", ApplyAsync)
            .Needs(Role.Admin)
            .Describe(
                "applyPlan",
                "Apply a plan",
                "202 with the operation, once the intent is durable. Refused when the pool has changed since, or something stands in the way."
            )
            .Body<ApplyPlanRequest>(optional: true)
            .Refuses(400, 404, 409, 413, 415, 503);
        pool.MapPost("/confirm", Confirm)
            .Needs(Role.Admin)
            .Describe("confirmPool", "Confirm a change", "Keeps a change that would be rolled back otherwise.")
            .Refuses(404, 409, 503);
        pool.MapGet("/history", HistoryAsync)
            .Needs(Role.Viewer)
            .Scoped(ScopePart.Pool)
            .Describe("showPoolHistory", "Show a pool's history", "Every definition that it has had, oldest first.")
            .Refuses(404, 503);
    }

    private static async Task<Results<Created<PoolPlan>, ProblemResult>> CreateAsync(
        string pool,
        HttpRequest request,
        PoolOperations changes,
        CancellationToken cancellationToken
    )
    {
        var body = await JsonBody.ReadAsync(request, ContractsJson.Default.CreatePlanRequest, cancellationToken);
        if (body.Problem is { } problem)
            return problem;
        if (Wish(body.Value!, out var errors) is not { } wish)
            return Problems.Invalid(errors);
        var outcome = await changes.PlanAsync(pool, wish, cancellationToken);
        return outcome is PoolChangeOutcome.Planned { Plan: var plan }
            ? TypedResults.Created($"/api/v1/pools/{pool}/plans/{plan.Id}", PlanMapping.Plan(plan))
            : Problems.From(outcome);
    }

    private static Results<Ok<PoolPlan>, ProblemResult> Show(string pool, string plan, PoolOperations changes) =>
        changes.FindPlan(pool, plan) is { } found
            ? TypedResults.Ok(PlanMapping.Plan(found))
            : Problems.NotFound("plan", plan);

    private static async Task<Results<Accepted<Operation>, ProblemResult>> ApplyAsync(
        string pool,
        string plan,
        HttpRequest request,
        PoolOperations changes,
        CancellationToken cancellationToken
    )
    {
        var body = await JsonBody.ReadOptionalAsync(request, ContractsJson.Default.ApplyPlanRequest, cancellationToken);
        if (body.Problem is { } problem)
            return problem;
        var seconds = body.Value?.ConfirmWithinSeconds;
        if (seconds is < LeastConfirmSeconds or > MostConfirmSeconds)
            return Problems.Invalid(
                "confirmWithinSeconds",
                $"{seconds} is not from {LeastConfirmSeconds} to {MostConfirmSeconds}"
            );
        var confirmWithin = seconds is { } given ? TimeSpan.FromSeconds(given) : (TimeSpan?)null;
        var outcome = await changes.ApplyAsync(pool, plan, confirmWithin, cancellationToken);
        return outcome is PoolChangeOutcome.Accepted { Operation: var operation }
            ? TypedResults.Accepted($"/api/v1/operations/{operation.Id}", Mapping.Operation(operation))
            : Problems.From(outcome);
    }

    private static Results<Ok<Operation>, ProblemResult> Confirm(
        string pool,
        PoolDirectory pools,
        PoolOperations changes
    )
    {
        if (pools.Find(pool) is null)
            return Problems.NotFound("pool", pool);
        var outcome = changes.Confirm(pool);
        return outcome is PoolChangeOutcome.Accepted { Operation: var operation }
            ? TypedResults.Ok(Mapping.Operation(operation))
            : Problems.From(outcome);
    }

    private static async Task<Results<Ok<PoolVersionList>, ProblemResult>> HistoryAsync(
        string pool,
        PoolDirectory pools,
        IStateHistory history,
        CancellationToken cancellationToken
    )
    {
        if (pools.Find(pool) is not { } present)
            return Problems.NotFound("pool", pool);
        var versions = await history.ReadPoolVersionsAsync(pool, cancellationToken);
        return TypedResults.Ok(new PoolVersionList([.. versions.Select(v => PlanMapping.Version(v, present.Version))]));
    }

    /// <summary>Checks what goes with which action; what is in the fields, the planner checks.</summary>
    private static PoolChangeRequest? Wish(CreatePlanRequest body, out IReadOnlyDictionary<string, string[]> errors)
    {
        Dictionary<string, string[]> wrong = [];
        errors = wrong;
        if (!PoolActionName.TryParse(body.Action, out var action))
        {
            wrong["action"] = [$"\"{body.Action}\" is not one of {string.Join(", ", PoolActionName.All)}"];
            return null;
        }
        var definesRange = action is PoolAction.Expand or PoolAction.Shrink or PoolAction.AddRange;
        var canWait = action is PoolAction.Shrink or PoolAction.RemoveRange or PoolAction.Rollback;
        if (action != PoolAction.Rollback && string.IsNullOrEmpty(body.Cidr))
            wrong["cidr"] = ["is required"];
        (string Field, bool IsGiven, bool Fits)[] fields =
        [
            ("cidr", body.Cidr is not null, action != PoolAction.Rollback),
            ("first", body.First is not null, definesRange),
            ("last", body.Last is not null, definesRange),
            ("gateway", body.Gateway is not null, definesRange),
            ("reservations", body.Reservations is not null, definesRange),
            ("version", body.Version is not null, action == PoolAction.Rollback),
            ("drain", body.Drain is not null, canWait),
        ];
        foreach (var (field, _, _) in fields.Where(f => f.IsGiven && !f.Fits))
            wrong[field] = [$"does not go with the action \"{body.Action}\""];
        return wrong.Count > 0
            ? null
            : new PoolChangeRequest(
                action,
                body.Cidr,
                body.First,
                body.Last,
                body.Gateway,
                body.Reservations,
                body.Version,
                body.Drain ?? false
            );
    }
}
