using MasterController.Linux.Addresses;

namespace MasterController.Core.Addressing;

public sealed partial class PoolDirectory
{
    /// <summary>
    /// What the addresses of a pool, of its ranges and of its /24s do; null where there is no such pool. A pool of at most
    /// 65,536 addresses is counted at one instant; a larger one piece by piece, so that nobody waits long for an address.
    /// The cost goes with the /24s that were leased from, not with the pool's size.
    /// </summary>
    /// <param name="top">How many /24s are listed as the top and as the bottom.</param>
    public PoolUse? Use(string pool, int top) => Loaded.GetValueOrDefault(pool)?.Use(top);

    /// <summary>
    /// The /24s of a pool that reach into a network, in address order, counted only as far as they do; null where there
    /// is no such pool.
    /// </summary>
    /// <param name="from">Those before this address are left out.</param>
    /// <param name="untouched">Whether those are listed that have no address used or cooling.</param>
    public SubnetPage? Subnets(string pool, Ipv4Network within, Ipv4Address from, int limit, bool untouched) =>
        Loaded.GetValueOrDefault(pool)?.Subnets(within, from, limit, untouched);

    /// <summary>A map of a network, or of what is around all ranges of the pool; null where there is no such pool.</summary>
    public PoolMap? Map(string pool, Ipv4Network? network) => Loaded.GetValueOrDefault(pool)?.Map(network);

    /// <summary>What of a pool is free, and what is next; null where there is no such pool.</summary>
    /// <param name="atMost">How many stretches of free addresses are listed.</param>
    public FreeSpace? FreeSpace(string pool, int atMost) => Loaded.GetValueOrDefault(pool)?.FreeSpace(atMost);
}
