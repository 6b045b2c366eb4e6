using MasterController.Contracts;
using MasterController.Core.HostNetwork.Policies;
using MasterController.Core.Vms;
using MasterController.Daemon.Access;
using MasterController.Daemon.Errors;
using MasterController.Daemon.Requests;
using Microsoft.AspNetCore.Http.HttpResults;
using EgressPolicy = MasterController.Contracts.EgressPolicy;
using RateLimit = MasterController.Core.HostNetwork.Policies.RateLimit;

namespace MasterController.Daemon.Endpoints;

/// <summary>What a VM may do in the network: <c>/api/v1/vms/{id}/egress</c> and <c>rate-limit</c>.</summary>
internal static class VmPolicyEndpoints
{
    public static void Map(RouteGroupBuilder vms)
    {
        vms.MapPut("/{id}/egress", SetEgressAsync)
            .Needs(Role.Operator)
            .Scoped(ScopePart.Vm)
            .Describe(
                "setVmEgress",
                "Give a VM an egress policy of its own",
                "In place of the one that it had, in any status. It is durable and in force when this answers, also for "
                    + "connections that there are."
            )
            .Body<EgressPolicy>()
            .Refuses(400, 404, 409, 413, 415, 503);
        vms.MapDelete("/{id}/egress", ResetEgressAsync)
            .Needs(Role.Operator)
            .Scoped(ScopePart.Vm)
            .Describe("resetVmEgress", "Make a VM follow the egress policy of its type", "At once, as with a policy.")
            .Refuses(404, 409, 503);
        vms.MapPut("/{id}/rate-limit", SetRateLimitAsync)
            .Needs(Role.Operator)
            .Scoped(ScopePart.Vm)
            .Describe(
                "setVmRateLimit",
                "Give a VM a rate limit of its own",
                "In place of the one that it had, in any status; {} is no limit. It is durable and in force when this answers."
            )
            .Body<Contracts.RateLimit>()
            .Refuses(400, 404, 409, 413, 415, 503);
        vms.MapDelete("/{id}/rate-limit", ResetRateLimitAsync)
            .Needs(Role.Operator)
            .Scoped(ScopePart.Vm)
            .Describe("resetVmRateLimit", "Make a VM follow the rate limit of its type", "At once, as with a limit.")
            .Refuses(404, 409, 503);
    }

    public static RateLimit? Wish(Contracts.RateLimit? body) =>
        body is null
            ? null
            : new RateLimit(
                body.OutBytesPerSecond,
                body.OutBurstBytes,
                body.OutPacketsPerSecond,
                body.OutBurstPackets,
                body.InBytesPerSecond,
                body.InBurstBytes,
                body.InPacketsPerSecond,
                body.InBurstPackets
            );

    public static EgressRequest? Wish(EgressPolicy? body) =>
        body is null ? null : new EgressRequest(body.Default, body.Allow, body.Deny);

    private static async Task<Results<Ok<Vm>, ProblemResult>> SetEgressAsync(
        string id,
        HttpRequest request,
        VmLifecycle vms,
        CancellationToken cancellationToken
    )
    {
        var body = await JsonBody.ReadAsync(request, ContractsJson.Default.EgressPolicy, cancellationToken);
        return body.Problem is { } problem ? problem : Answer(await vms.SetEgressAsync(id, Wish(body.Value)), vms);
    }

    private static async Task<Results<Ok<Vm>, ProblemResult>> ResetEgressAsync(string id, VmLifecycle vms) =>
        Answer(await vms.SetEgressAsync(id, wish: null), vms);

    private static async Task<Results<Ok<Vm>, ProblemResult>> SetRateLimitAsync(
        string id,
        HttpRequest request,
        VmLifecycle vms,
        CancellationToken cancellationToken
    )
    {
        var body = await JsonBody.ReadAsync(request, ContractsJson.Default.RateLimit, cancellationToken);
        return body.Problem is { } problem ? problem : Answer(await vms.SetRateLimitAsync(id, Wish(body.Value)), vms);
    }

    private static async Task<Results<Ok<Vm>, ProblemResult>> ResetRateLimitAsync(string id, VmLifecycle vms) =>
        Answer(await vms.SetRateLimitAsync(id, limit: null), vms);

    private static Results<Ok<Vm>, ProblemResult> Answer(VmOutcome outcome, VmLifecycle vms) =>
        outcome is VmOutcome.Accepted accepted ? TypedResults.Ok(Mapping.Vm(accepted.Vm, vms)) : Problems.From(outcome);
}
