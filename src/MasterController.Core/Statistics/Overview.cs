using MasterController.Core.Addressing;
using MasterController.Core.HostNetwork;
using MasterController.Core.HostNetwork.Drift;
using MasterController.Core.Store;
using MasterController.Core.Utilisation;
using MasterController.Core.Vms;

namespace MasterController.Core.Statistics;

/// <summary>Everything that a front page shows of pools, VMs and what is wrong.</summary>
/// <param name="Pools">In the order of their names.</param>
/// <param name="Alerts">Worst first.</param>
public sealed record OverviewReading(
    DateTimeOffset Time,
    IReadOnlyList<PoolReading> Pools,
    VmCensus Vms,
    NetworkHealth Network,
    IReadOnlyList<Alert> Alerts
);

public sealed record PoolReading(PoolUse Use, IReadOnlyList<Forecast> Forecast, PoolOutlook Outlook);

/// <summary>Puts it together from memory and from the samples of the last week; the kernel is not asked.</summary>
public sealed class Overview(
    PoolDirectory pools,
    UtilisationHistory history,
    Func<UtilisationSettings> settings,
    Func<IReadOnlyList<VmRecord>> vms,
    IHostNetwork network,
    NetworkReconciler reconciler,
    CommitLatency commits,
    TimeProvider clock
)
{
    private readonly DateTimeOffset _since = clock.GetUtcNow();

    /// <param name="top">How many /24s of each pool are listed as the top and as the bottom.</param>
    public async Task<OverviewReading> ReadAsync(int top, CancellationToken cancellationToken)
    {
        List<PoolReading> readings = [];
        var definitions = pools.Pools;
        foreach (var pool in definitions)
        {
            // One that was deleted meanwhile is left out.
            if (pools.Use(pool.Name, top) is { } use)
                readings.Add(
                    new PoolReading(
                        use,
                        await history.ForecastAsync(pool.Name, use.Counts, cancellationToken),
                        OutlookOf(use.Pool, use.Counts, definitions)
                    )
                );
        }
        var now = clock.GetUtcNow();
        var census = VmCensus.Of(vms());
        var health = reconciler.Health;
        var alerts = AlertRules.Of(
            new AlertFacts(
                now,
                [.. readings.Select(r => new PoolFacts(r.Use.Pool.Name, r.Use.Counts, r.Forecast, r.Outlook.ExpandTo))],
                settings().WarnPercent,
                census,
                health,
                network.CanAttach ? _since : null,
                commits.Percentile99(AlertConditions.RecentCommits)
            )
        );
        return new OverviewReading(now, readings, census, health, alerts);
    }

    /// <summary>What a pool may become; null where there is no such pool.</summary>
    public (PoolDefinition Pool, PoolCounts Counts, PoolOutlook Outlook)? PoolOf(string name)
    {
        var definitions = pools.Pools;
        return definitions.FirstOrDefault(p => p.Name == name) is { } pool && pools.Counts(name) is { } counts
            ? (pool, counts, OutlookOf(pool, counts, definitions))
            : null;
    }

    public VmCensus CountVms() => VmCensus.Of(vms());

    private PoolOutlook OutlookOf(PoolDefinition pool, PoolCounts counts, IReadOnlyList<PoolDefinition> all) =>
        PoolOutlook.Of(pool, counts, [.. all.Where(p => p.Name != pool.Name)], clock.GetUtcNow());
}
