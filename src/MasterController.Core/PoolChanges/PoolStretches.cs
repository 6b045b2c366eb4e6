using MasterController.Core.Addressing;

namespace MasterController.Core.PoolChanges;

/// <summary>Which addresses a definition has, and which of them it can lease.</summary>
public static class PoolStretches
{
    /// <summary>From first to last of every range, lowest first.</summary>
    public static IReadOnlyList<AddressStretch> All(PoolDefinition pool) => new RangeMap(pool).Bounds;

    /// <summary>Without gateways, reservations and what drains; kept gateways are free again one day.</summary>
    public static IReadOnlyList<AddressStretch> Leasable(PoolDefinition pool, bool whileGatewaysKept)
    {
        var ranges = RangesOf(pool, whileGatewaysKept);
        return AddressStretch.Subtract(ranges.Bounds, ranges.ReservedStretches);
    }

    /// <summary>How many addresses can be leased.</summary>
    public static long Capacity(PoolDefinition pool, bool whileGatewaysKept)
    {
        var ranges = RangesOf(pool, whileGatewaysKept);
        return ranges.Total - ranges.Reserved;
    }

    /// <summary>What one definition has and the other has not.</summary>
    public static IReadOnlyList<AddressStretch> Removed(PoolDefinition before, PoolDefinition after) =>
        AddressStretch.Subtract(All(before), All(after));

    /// <summary>What can be leased from one definition and not from the other.</summary>
    public static IReadOnlyList<AddressStretch> NewlyLeasable(PoolDefinition before, PoolDefinition after) =>
        AddressStretch.Subtract(Leasable(after, whileGatewaysKept: true), Leasable(before, whileGatewaysKept: true));

    private static RangeMap RangesOf(PoolDefinition pool, bool whileGatewaysKept) =>
        new(whileGatewaysKept ? pool : pool with { KeptGateways = [] });
}
