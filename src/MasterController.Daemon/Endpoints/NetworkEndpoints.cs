using MasterController.Contracts;
using MasterController.Core.HostNetwork;
using MasterController.Core.HostNetwork.Drift;
using MasterController.Core.HostNetwork.Survey;
using MasterController.Core.Store;
using MasterController.Daemon.Access;
using MasterController.Daemon.Errors;
using MasterController.Daemon.Requests;
using Microsoft.AspNetCore.Http.HttpResults;

namespace MasterController.Daemon.Endpoints;

/// <summary><c>/api/v1/network</c>.</summary>
internal static class NetworkEndpoints
{
    private static readonly QueryParameter History = QueryParameter.Boolean(
        "history",
        "Also what has ended, newest first, behind what is there."
    );

    public static void Map(RouteGroupBuilder api)
    {
        var network = api.MapGroup("/network").WithTags("Network");
        network
            .MapGet("", StatusAsync)
            .Needs(Role.Viewer)
            .Describe(
                "showNetwork",
                "Show how the host network is",
                "As the last comparison of the kernel with what should be has found it: at the start, each minute, and soon "
                    + "after the kernel tells of a change."
            )
            .Refuses(503);
        network
            .MapGet("/drift", DriftAsync)
            .Needs(Role.Viewer)
            .Describe(
                "listNetworkDrift",
                "List what differs from what should be",
                "What is ours is repaired when two comparisons have found it, our nftables table at once; what is others' is "
                    + "only named. What has ended is kept for `history.keep_days`."
            )
            .Query(History, Paging.Limit)
            .Refuses(400, 503);
        network
            .MapPost("/repair", RepairAsync)
            .Needs(Role.Admin)
            .Describe(
                "repairNetwork",
                "Compare now and repair",
                "Repairs all that is ours, however often it was found; with `plan` only says what would be done."
            )
            .Body<RepairNetworkRequest>(optional: true)
            .Refuses(400, 409, 413, 415, 503);
    }

    private static async Task<Results<Ok<NetworkStatus>, ProblemResult>> StatusAsync(
        IHostNetwork network,
        PoolNetworks pools,
        NetworkReconciler reconciler,
        LimitCheck limits,
        CancellationToken cancellationToken
    )
    {
        try
        {
            return TypedResults.Ok(
                NetworkMapping.Status(
                    network,
                    pools.Desired,
                    reconciler.Health,
                    await limits.ReadAsync(cancellationToken)
                )
            );
        }
        catch (HostNetworkException failure)
        {
            return Problems.NetworkUnreadable(failure.Message);
        }
    }

    private static async Task<Results<Ok<NetworkDriftList>, ProblemResult>> DriftAsync(
        HttpRequest request,
        NetworkReconciler reconciler,
        IStateHistory history,
        CancellationToken cancellationToken
    )
    {
        var query = QueryValues.Read(request);
        if (query.Problem is { } problem)
            return problem;
        var limit = query.Integer(Paging.Limit);
        var open = reconciler.Health.Open;
        List<DriftEntry> items = [.. open.Take(limit)];
        if (query.Boolean(History) && items.Count < limit)
            items.AddRange(await history.ReadDriftAsync(limit - items.Count, cancellationToken));
        return TypedResults.Ok(
            new NetworkDriftList([.. items.Select(NetworkMapping.Drift)], Math.Max(open.Count, items.Count))
        );
    }

    private static async Task<Results<Ok<NetworkRepair>, ProblemResult>> RepairAsync(
        HttpRequest request,
        IHostNetwork network,
        NetworkReconciler reconciler,
        CancellationToken cancellationToken
    )
    {
        var body = await JsonBody.ReadOptionalAsync(
            request,
            ContractsJson.Default.RepairNetworkRequest,
            cancellationToken
        );
        if (body.Problem is { } problem)
            return problem;
        if (!network.CanAttach)
            return Problems.NetworkModeNone("there is no host network to repair");
        var isPlan = body.Value?.Plan == true;
        try
        {
            var result = isPlan
                ? await reconciler.PlanAsync(cancellationToken)
                : await reconciler.RepairAsync(cancellationToken);
            return TypedResults.Ok(NetworkMapping.Repair(result, isPlan));
        }
        catch (HostNetworkException failure)
        {
            return Problems.NetworkUnreadable(failure.Message);
        }
    }
}
