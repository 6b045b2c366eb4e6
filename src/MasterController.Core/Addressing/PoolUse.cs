using MasterController.Linux.Addresses;

namespace MasterController.Core.Addressing;

/// <summary>What the addresses of a pool do. The counts of its ranges add up to its own.</summary>
/// <param name="IsOfOneInstant">
/// False for a pool larger than a /16 that was counted piece by piece, while others leased: each /24 is then of one
/// instant, and the sums are those of the pieces.
/// </param>
/// <param name="Subnets">How many /24s the pool reaches into.</param>
/// <param name="Untouched">How many of them have no address that is used or cooling.</param>
/// <param name="Top">The /24s with the largest share of used addresses, largest first.</param>
/// <param name="Bottom">Those with the smallest, smallest first, without those of the top and the untouched ones.</param>
public sealed record PoolUse(
    PoolDefinition Pool,
    DateTimeOffset Time,
    PoolCounts Counts,
    bool IsOfOneInstant,
    long Subnets,
    long Untouched,
    IReadOnlyList<RangeUse> Ranges,
    IReadOnlyList<SubnetUse> Top,
    IReadOnlyList<SubnetUse> Bottom
);

/// <param name="Subnets">How many /24s the range reaches into.</param>
/// <param name="Untouched">How many of them have no address that is used or cooling.</param>
public sealed record RangeUse(AddressRange Range, PoolCounts Counts, long Subnets, long Untouched);

/// <summary>What the addresses of a pool in one /24 do; total is how many of the pool's addresses lie in it.</summary>
public sealed record SubnetUse(Ipv4Network Network, PoolCounts Counts)
{
    public bool IsTouched => Counts.Used + Counts.Cooling > 0;
}

/// <summary>A part of the /24s of a pool, in address order.</summary>
/// <param name="Subnets">How many /24s there are in all that was asked for, untouched ones among them.</param>
/// <param name="Next">Where to go on; null when these were the last.</param>
public sealed record SubnetPage(IReadOnlyList<SubnetUse> Items, long Subnets, Ipv4Address? Next);

/// <summary>What of a pool is free.</summary>
/// <param name="Next">
/// What an owner who is new to the pool would be given now; null where nothing is free, or where that is left to chance.
/// </param>
/// <param name="Stretches">The lowest free ones, each of one range.</param>
/// <param name="More">How many more there are.</param>
public sealed record FreeSpace(
    PoolDefinition Pool,
    DateTimeOffset Time,
    PoolCounts Counts,
    Ipv4Address? Next,
    IReadOnlyList<AddressStretch> Stretches,
    long More
);

/// <summary>How often addresses of a pool were leased and given back since the controller started.</summary>
public readonly record struct PoolActivity(long Leased, long Released);
