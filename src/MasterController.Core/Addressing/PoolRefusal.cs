using System.Diagnostics;

namespace MasterController.Core.Addressing;

/// <summary>Refused changes of pools in words, for operations and for the log; the API has its own answers to them.</summary>
internal static class PoolRefusal
{
    private const int LeasesNamed = 10;

    public static string InWords(PoolOutcome refusal) =>
        refusal switch
        {
            PoolOutcome.NoSuchPool gone => $"the pool {gone.Pool} was deleted",
            PoolOutcome.NameTaken taken => $"there is a pool {taken.Pool} already",
            PoolOutcome.Invalid invalid => string.Join("; ", invalid.Errors.Select(e => $"{e.Key}: {e.Value[0]}")),
            PoolOutcome.Overlap overlap => $"{overlap.Wanted} overlaps {overlap.Other} of pool \"{overlap.OtherPool}\"",
            PoolOutcome.BridgeFull full => full.Words,
            PoolOutcome.BridgeNotOurs bridge => bridge.Obstacle,
            PoolOutcome.HasLeases has => $"leases are out: {Named(has.Leases)}",
            PoolOutcome.Stale stale => $"the pool has version {stale.Actual}, not {stale.Expected}",
            PoolOutcome.LeasesOutside outside => $"{outside.Leases.Count} leases lie outside: {Named(outside.Leases)}",
            _ => throw new UnreachableException(),
        };

    /// <summary>"10.0.0.2 (vm-1), 10.0.0.3 (printer) and 7 more".</summary>
    public static string Named(IReadOnlyList<Lease> leases)
    {
        var named = string.Join(", ", leases.Take(LeasesNamed).Select(l => $"{l.Address} ({l.Owner})"));
        return leases.Count > LeasesNamed ? $"{named} and {leases.Count - LeasesNamed} more" : named;
    }
}
