using System.Globalization;
using MasterController.Core.Addressing;
using MasterController.Core.HostNetwork;
using MasterController.Core.PoolChanges;
using MasterController.Linux.Addresses;

namespace MasterController.Core.Statistics;

/// <summary>What a pool has, and what it may become by growing the first of its ranges.</summary>
/// <param name="Leasable">Addresses that can be leased, as the definition is now.</param>
/// <param name="Recommendation">One sentence for an operator.</param>
/// <param name="ExpandTo">Null where there is no need, or where no larger network can be had.</param>
/// <param name="ExpandGives">Addresses that could be leased then, those of now among them.</param>
public sealed record PoolOutlook(
    string Pool,
    long Leasable,
    string Recommendation,
    Ipv4Network? ExpandTo,
    long? ExpandGives
)
{
    /// <summary>All addresses of a /16, and of a /8: how far networks of private addresses go.</summary>
    public const long SizeOf16 = 1L << 16;

    /// <inheritdoc cref="SizeOf16"/>
    public const long SizeOf8 = 1L << 24;

    /// <summary>In percent of what can be leased: from there on it is said what to expand to.</summary>
    private const int NearlyFull = 80;

    // RFC 1918: what is not in one of them belongs to somebody else.
    private static readonly Ipv4Network[] _private =
    [
        Ipv4Network.Parse("10.0.0.0/8"),
        Ipv4Network.Parse("172.16.0.0/12"),
        Ipv4Network.Parse("192.168.0.0/16"),
    ];

    /// <param name="others">All pools but this one: what they have is not recommended.</param>
    public static PoolOutlook Of(
        PoolDefinition pool,
        PoolCounts counts,
        IReadOnlyList<PoolDefinition> others,
        DateTimeOffset now
    )
    {
        var leasable = counts.Total - counts.Reserved;
        var percent = leasable > 0 ? 100 * counts.Used / leasable : 100;
        if (percent < NearlyFull)
            return new PoolOutlook(pool.Name, leasable, Supports(pool, leasable), null, null);
        var standing = $"{Subject(pool)} {percent} % full";
        return Larger(pool, others, now) is var (network, gives)
            ? new PoolOutlook(
                pool.Name,
                leasable,
                $"{standing}: expand to {network} for {Exactly(gives)} addresses",
                network,
                gives
            )
            : new PoolOutlook(
                pool.Name,
                leasable,
                $"{standing}, and no larger private network around {pool.Ranges[0].Network} is free for it: add a range",
                null,
                null
            );
    }

    /// <summary>The smallest network that a plan would accept and that gives more; what the host has is not looked at.</summary>
    private static (Ipv4Network Network, long Gives)? Larger(
        PoolDefinition pool,
        IReadOnlyList<PoolDefinition> others,
        DateTimeOffset now
    )
    {
        var current = pool.Ranges[0].Network;
        foreach (var network in Around(current, pool.Network).Where(n => n.PrefixLength < current.PrefixLength))
        {
            var planner = new PoolPlanner(pool, [], now, operationId: "");
            if (
                planner.Plan(new PoolChangeRequest(PoolAction.Expand, network.ToString()), out _)
                    is PoolOutcome.Done(var grown)
                && PoolRules.CheckRedefinition(grown, others) is PoolOutcome.Done
            )
                return (network, PoolStretches.Capacity(grown, whileGatewaysKept: false));
        }
        return null;
    }

    /// <summary>Nothing that reaches out of its private block; a bridge takes 1,023 ports, so little more than a /22.</summary>
    private static IEnumerable<Ipv4Network> Around(Ipv4Network current, NetworkMode mode) =>
        from block in _private
        where block.Contains(current)
        from length in mode == NetworkMode.Bridge ? [22, 23] : new[] { 16, block.PrefixLength }
        select Ipv4Network.Of(current.Address, length);

    private static string Supports(PoolDefinition pool, long leasable) =>
        pool.Ranges is [var range]
            ? $"Current /{range.Network.PrefixLength} subnet supports {Roughly(leasable)} VMs"
            : $"Current {pool.Ranges.Count} ranges support {Roughly(leasable)} VMs";

    private static string Subject(PoolDefinition pool) =>
        pool.Ranges is [var range] ? $"The /{range.Network.PrefixLength} is" : $"The {pool.Ranges.Count} ranges are";

    /// <summary>"253", "65k", "16M": rounded down, so that nothing is promised that is not there.</summary>
    private static string Roughly(long count) =>
        count switch
        {
            < 10_000 => Exactly(count),
            < 1_000_000 => $"{count / 1_000}k",
            _ => $"{count / 1_000_000}M",
        };

    private static string Exactly(long count) => count.ToString("N0", CultureInfo.InvariantCulture);
}
