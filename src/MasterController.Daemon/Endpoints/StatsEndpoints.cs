using MasterController.Contracts;
using MasterController.Core.External;
using MasterController.Core.Operations;
using MasterController.Core.Statistics;
using MasterController.Daemon.Access;
using MasterController.Daemon.Errors;
using MasterController.Daemon.Requests;
using Microsoft.AspNetCore.Http.HttpResults;

namespace MasterController.Daemon.Endpoints;

/// <summary><c>/api/v1/stats</c> and <c>/api/v1/host</c>: what an operator looks at all day.</summary>
internal static class StatsEndpoints
{
    public static void Map(RouteGroupBuilder api)
    {
        api.MapGet("/stats", StatsAsync)
            .WithTags("Statistics")
            .Describe(
                "showStats",
                "Show everything at once",
                "All pools with their ranges, fullest and emptiest /24s and forecasts, what they may become, VMs by type, "
                    + "status and pool, dedicated addresses, operations, the host network and what is to be looked at."
            )
            .Query(UtilisationEndpoints.Top)
            .Refuses(400, 503)
            .Needs(Role.Viewer);
        api.MapGet("/host", HostAsync)
            .WithTags("Statistics")
            .Describe(
                "showHost",
                "Show how the machine is",
                "Read at most once a second; percentages and rates are those since the reading before."
            )
            .Refuses(503)
            .Needs(Role.Viewer);
    }

    private static async Task<Results<Ok<Stats>, ProblemResult>> StatsAsync(
        HttpRequest request,
        Overview overview,
        ExternalDirectory external,
        Func<ExternalSettings> settings,
        OperationJournal operations,
        HostSampler host,
        CancellationToken cancellationToken
    )
    {
        var query = QueryValues.Read(request);
        if (query.Problem is { } problem)
            return problem;
        var reading = await overview.ReadAsync(query.Integer(UtilisationEndpoints.Top), cancellationToken);
        var machine = await host.ReadAsync(cancellationToken);
        return TypedResults.Ok(
            new Stats(
                reading.Time,
                [.. reading.Pools.Select(p => UtilisationMapping.Stats(p.Use, p.Forecast))],
                [.. reading.Pools.Select(p => StatsMapping.Capacity(p.Outlook))],
                StatsMapping.Vms(reading.Vms),
                StatsMapping.External(machine, settings().Networks, external.Use),
                StatsMapping.Operations(operations.List(), reading.Time),
                StatsMapping.Reconcile(reading.Network, reading.Time),
                [.. reading.Alerts.Select(StatsMapping.Alert)]
            )
        );
    }

    private static async Task<Ok<HostInfo>> HostAsync(
        HostSampler host,
        TrafficTotals traffic,
        CancellationToken cancellationToken
    ) => TypedResults.Ok(StatsMapping.Host(await host.ReadAsync(cancellationToken), traffic.Ask()));
}
