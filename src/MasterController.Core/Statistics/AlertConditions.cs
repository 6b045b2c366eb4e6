namespace MasterController.Core.Statistics;

/// <summary>
/// When an operator is to look: the same numbers as in packaging/prometheus/master-controller.rules.yml, which a test
/// compares. How full pools may get is configured (<c>pools.warn_percent</c>); the rules have its default.
/// </summary>
public static class AlertConditions
{
    /// <summary>Percent of what can be leased: from there on it is critical.</summary>
    public const int CriticalPercent = 95;

    /// <summary>A pool that is full so soon, at the rate of the last hour or day.</summary>
    public static readonly TimeSpan FullSoon = TimeSpan.FromHours(24);

    /// <summary>Ours is repaired at the second comparison, within a minute: what is left after this stays.</summary>
    public static readonly TimeSpan DriftLasts = TimeSpan.FromMinutes(5);

    /// <summary>Comparisons are a minute apart.</summary>
    public static readonly TimeSpan ReconcileStale = TimeSpan.FromMinutes(5);

    /// <summary>99 of 100 commits are durable in less; an fsync of a disk that is well takes a tenth.</summary>
    public static readonly TimeSpan SlowCommit = TimeSpan.FromMilliseconds(100);

    /// <summary>Commits of this time before now are looked at.</summary>
    public static readonly TimeSpan RecentCommits = TimeSpan.FromMinutes(5);
}
