using MasterController.Core.Addressing;

namespace MasterController.Core.Utilisation;

/// <summary>A pool has reached a threshold, or has fallen well below it again.</summary>
/// <param name="Percent">In percent of the addresses that can be leased: total − reserved.</param>
internal readonly record struct ThresholdCrossing(int Percent, bool IsUp);

/// <summary>
/// Tells each crossing of a threshold once. One that was reached is told again only after the pool has fallen
/// <see cref="Hysteresis"/> points below it: a pool that lingers there would be told all the time. Not safe for
/// concurrent use.
/// </summary>
internal sealed class UtilisationThresholds
{
    public const int Hysteresis = 2;

    private readonly Dictionary<string, HashSet<int>> _reached = new(StringComparer.Ordinal);

    /// <summary>What has been crossed since the last counts; upwards lowest first, downwards highest first.</summary>
    public IReadOnlyList<ThresholdCrossing> Take(string pool, PoolCounts counts, IReadOnlyList<int> thresholds)
    {
        if (!_reached.TryGetValue(pool, out var reached))
            _reached[pool] = reached = [];
        // A threshold that the operator has taken away is no longer of interest, also if it comes back.
        reached.IntersectWith(thresholds);
        var capacity = counts.Total - counts.Reserved;
        if (capacity <= 0)
            return [];
        List<ThresholdCrossing> crossings = [];
        foreach (var percent in thresholds)
        {
            if (IsAtLeast(counts.Used, percent, capacity) && reached.Add(percent))
                crossings.Add(new ThresholdCrossing(percent, IsUp: true));
        }
        foreach (var percent in thresholds.Reverse())
        {
            if (IsAtMost(counts.Used, Math.Max(0, percent - Hysteresis), capacity) && reached.Remove(percent))
                crossings.Add(new ThresholdCrossing(percent, IsUp: false));
        }
        return crossings;
    }

    /// <summary>Forgets all pools but these.</summary>
    public void KeepOnly(IReadOnlySet<string> pools)
    {
        foreach (var gone in _reached.Keys.Where(p => !pools.Contains(p)).ToArray())
            _reached.Remove(gone);
    }

    // Whole numbers, so that 80 % of 250 is 200 and not a hair more.
    private static bool IsAtLeast(long used, int percent, long capacity) => used * 100 >= percent * capacity;

    private static bool IsAtMost(long used, int percent, long capacity) => used * 100 <= percent * capacity;
}
