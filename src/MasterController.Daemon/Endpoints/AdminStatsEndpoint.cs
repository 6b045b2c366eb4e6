using MasterController.Contracts;
using MasterController.Core.Addressing;
using MasterController.Core.External;
using MasterController.Core.HostNetwork;
using MasterController.Core.Statistics;
using MasterController.Daemon.Access;
using MasterController.Daemon.Configuration;
using Microsoft.AspNetCore.Http.HttpResults;

namespace MasterController.Daemon.Endpoints;

/// <summary><c>GET /api/admin/stats</c>, for front ends that were made for the former Node.js controller.</summary>
internal static class AdminStatsEndpoint
{
    public static void Map(RouteGroupBuilder admin) =>
        admin
            .MapGet("/stats", ShowAsync)
            .WithTags("Statistics")
            .Describe(
                "showAdminStats",
                "Show figures in the shape of the former controller",
                "Of the pool \"default\", or of the first where there is none of that name."
            )
            .Refuses(503)
            .Needs(Role.Viewer);

    private static async Task<Ok<AdminStats>> ShowAsync(
        PoolDirectory pools,
        Overview overview,
        ExternalDirectory external,
        Func<ExternalSettings> settings,
        IHostNetwork network,
        HostSampler host,
        CancellationToken cancellationToken
    )
    {
        var name =
            pools.Find(ControllerSettings.DefaultPoolName) is { } known ? known.Name
            : pools.Pools is [var first, ..] ? first.Name
            : null;
        var machine = await host.ReadAsync(cancellationToken);
        return TypedResults.Ok(
            AdminStatsMapping.Of(
                name is null ? null : overview.PoolOf(name),
                overview.CountVms(),
                StatsMapping.External(machine, settings().Networks, external.Use),
                network.CanAttach
            )
        );
    }
}
