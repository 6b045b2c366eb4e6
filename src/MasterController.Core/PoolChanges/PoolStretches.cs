using MasterController.Core.Addressing;

namespace MasterController.Core.PoolChanges;

/// <summary>Which addresses a definition has, and which of them it can lease.</summary>
public static class PoolStretches
{
    /// <summary>From first to last of every range, lowest first.</summary>
    public static IReadOnlyList<AddressStretch> All(PoolDefinition pool) =>
        [.. pool.Ranges.Select(r => new AddressStretch(r.First, r.Last)).OrderBy(s => s.First)];

    /// <summary>Without gateways, reservations and what drains; kept gateways are free again one day.</summary>
    public static IReadOnlyList<AddressStretch> Leasable(PoolDefinition pool, bool whileGatewaysKept) =>
        AddressStretch.Subtract(
            All(pool),
            [
                .. pool.Ranges.SelectMany(r => r.Reservations).Select(AddressStretch.Of),
                .. pool
                    .Ranges.Select(r => r.Gateway)
                    .OfType<Linux.Addresses.Ipv4Address>()
                    .Select(g => new AddressStretch(g, g)),
                .. pool.Drains.Select(d => new AddressStretch(d.First, d.Last)),
                .. whileGatewaysKept ? pool.KeptGateways.Select(k => new AddressStretch(k.Address, k.Address)) : [],
            ]
        );

    public static long Capacity(PoolDefinition pool, bool whileGatewaysKept) =>
        Leasable(pool, whileGatewaysKept).Sum(s => s.Count);

    /// <summary>What one definition has and the other has not.</summary>
    public static IReadOnlyList<AddressStretch> Removed(PoolDefinition before, PoolDefinition after) =>
        AddressStretch.Subtract(All(before), All(after));

    /// <summary>What can be leased from one definition and not from the other.</summary>
    public static IReadOnlyList<AddressStretch> NewlyLeasable(PoolDefinition before, PoolDefinition after) =>
        AddressStretch.Subtract(Leasable(after, whileGatewaysKept: true), Leasable(before, whileGatewaysKept: true));
}
