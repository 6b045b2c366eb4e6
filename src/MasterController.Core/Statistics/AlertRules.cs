using System.Globalization;
using MasterController.Core.Addressing;
using MasterController.Core.HostNetwork.Drift;
using MasterController.Core.Utilisation;
using MasterController.Core.Vms;
using MasterController.Linux.Addresses;

namespace MasterController.Core.Statistics;

/// <summary>What alerts are made of, all of one time.</summary>
/// <param name="WatchedSince">Since when the network should have been compared; null in a mode without one.</param>
/// <param name="CommitPercentile">Of recent commits, the 99th; null where there was none.</param>
public sealed record AlertFacts(
    DateTimeOffset Now,
    IReadOnlyList<PoolFacts> Pools,
    IReadOnlyList<int> WarnPercent,
    VmCensus Vms,
    NetworkHealth Network,
    DateTimeOffset? WatchedSince,
    TimeSpan? CommitPercentile
);

/// <param name="ExpandTo">Where it could grow to; null where that is not known.</param>
public sealed record PoolFacts(
    string Pool,
    PoolCounts Counts,
    IReadOnlyList<Forecast> Forecast,
    Ipv4Network? ExpandTo = null
);

/// <summary>Which alerts some facts give: a few at most of each kind, however much is wrong.</summary>
public static class AlertRules
{
    /// <summary>Worst first.</summary>
    public static IReadOnlyList<Alert> Of(AlertFacts facts) =>
        [
            .. facts
                .Pools.SelectMany(pool => OfPool(pool, facts))
                .Concat(OfVms(facts.Vms))
                .Concat(OfDrift(facts))
                .Concat(OfReconciling(facts))
                .Concat(OfStore(facts))
                .OrderByDescending(alert => alert.Severity),
        ];

    private static IEnumerable<Alert> OfPool(PoolFacts pool, AlertFacts facts)
    {
        var counts = pool.Counts;
        var capacity = counts.Total - counts.Reserved;
        var reached = facts.WarnPercent.Where(p => counts.Used * 100 >= p * capacity).DefaultIfEmpty(0).Max();
        var fix = $"mctl pool expand {pool.Pool} {pool.ExpandTo?.ToString() ?? "CIDR"} --plan";
        if (reached > 0 && capacity > 0)
            yield return new Alert(
                Alert.PoolThreshold,
                reached >= AlertConditions.CriticalPercent || counts.Free == 0
                    ? AlertSeverity.Critical
                    : AlertSeverity.Warning,
                pool.Pool,
                $"{Number(counts.Used)} of {Number(capacity)} addresses that can be leased are used: {reached} % are reached, "
                    + $"{Number(counts.Free)} are free",
                fix
            );
        // A week's rate says nothing about tomorrow that a day's does not.
        var soonest = pool
            .Forecast.Where(f => f.Window <= TimeSpan.FromDays(1))
            .Select(f => (f.Window, f.Outcome as ForecastOutcome.FullAt))
            .Where(f => f.Item2 is not null && f.Item2.Time - facts.Now < AlertConditions.FullSoon)
            .OrderBy(f => f.Item2!.Time)
            .FirstOrDefault();
        if (soonest is { Item2: { } full })
            yield return new Alert(
                Alert.PoolFullSoon,
                AlertSeverity.Warning,
                pool.Pool,
                $"full in {Span(full.Time - facts.Now)} at the rate of the last "
                    + $"{(soonest.Window < TimeSpan.FromDays(1) ? "hour" : "day")} (+{full.Rate.ToString("N0", CultureInfo.InvariantCulture)} an hour)",
                fix
            );
    }

    private static IEnumerable<Alert> OfVms(VmCensus vms)
    {
        if (vms.Of(VmStatus.Failed) is > 0 and var failed)
            yield return new Alert(
                Alert.VmsFailed,
                AlertSeverity.Warning,
                "vms",
                $"{Number(failed)} of {Number(vms.Total)} VMs failed",
                "mctl vm list --status failed"
            );
    }

    private static IEnumerable<Alert> OfDrift(AlertFacts facts)
    {
        var failed = facts.Network.Open.Where(e => e.State == DriftState.Failed).ToArray();
        var lasting = facts
            .Network.Open.Where(e => e.State != DriftState.Failed && facts.Now - e.Since > AlertConditions.DriftLasts)
            .ToArray();
        if (failed is [var first, ..])
            yield return new Alert(
                Alert.Drift,
                AlertSeverity.Critical,
                Name(first),
                $"{Number(failed.Length)} of the controller's own could not be repaired, {Name(first)} first: {first.Failure}",
                "mctl net drift"
            );
        if (lasting is [var oldest, ..])
            yield return new Alert(
                Alert.Drift,
                AlertSeverity.Warning,
                Name(oldest),
                $"{Number(lasting.Length)} differ from what should be for more than "
                    + $"{Span(AlertConditions.DriftLasts)}, {Name(oldest)} first",
                "mctl net drift"
            );
    }

    private static IEnumerable<Alert> OfReconciling(AlertFacts facts)
    {
        if (facts.WatchedSince is not { } since)
            yield break;
        var age = facts.Now - (facts.Network.LastAt ?? since);
        if (facts.Network.Failure is { } failure)
            yield return Stale($"the host network could not be compared with what should be: {failure}");
        else if (age > AlertConditions.ReconcileStale)
            yield return Stale($"the host network was last compared with what should be {Span(age)} ago");

        static Alert Stale(string message) =>
            new(Alert.ReconcileStale, AlertSeverity.Critical, "network", message, "mctl net repair --plan");
    }

    private static IEnumerable<Alert> OfStore(AlertFacts facts)
    {
        if (facts.CommitPercentile is { } took && took > AlertConditions.SlowCommit)
            yield return new Alert(
                Alert.StoreSlow,
                AlertSeverity.Warning,
                "store",
                $"one commit in a hundred takes {took.TotalMilliseconds.ToString("N0", CultureInfo.InvariantCulture)} ms or more",
                "mctl doctor"
            );
    }

    private static string Name(DriftEntry entry) => $"{DriftNames.Of(entry.Difference.Object)} {entry.Difference.Name}";

    private static string Span(TimeSpan span) =>
        span.TotalMinutes < 90
            ? $"{Math.Max(1, (int)span.TotalMinutes)} min"
            : $"{Math.Round(span.TotalHours).ToString("N0", CultureInfo.InvariantCulture)} h";

    private static string Number(long count) => count.ToString("N0", CultureInfo.InvariantCulture);
}
