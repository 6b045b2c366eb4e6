using MasterController.Linux.Addresses;

namespace MasterController.Core.Addressing;

/// <summary>Puts together what was counted in the /24s of a pool.</summary>
internal static class UseReport
{
    public static PoolUse Of(
        RangeMap ranges,
        List<SubnetTally> tallies,
        int top,
        DateTimeOffset time,
        bool isOfOneInstant
    )
    {
        var rangeUses = RangeUses(ranges, tallies);
        var subnets = SubnetUses(ranges, tallies);
        var count = Subnets.Count(ranges.Bounds);
        IReadOnlyList<SubnetUse> most = [.. subnets.OrderByDescending(Share).ThenBy(Start).Take(top)];
        IReadOnlyList<SubnetUse> least =
        [
            .. subnets.OrderBy(Share).ThenByDescending(Start).Take(Math.Min(top, subnets.Count - most.Count)),
        ];
        return new PoolUse(
            ranges.Definition,
            time,
            rangeUses.Aggregate(default(PoolCounts), (sum, range) => Subnets.Sum(sum, range.Counts)),
            isOfOneInstant,
            count,
            count - subnets.Count,
            rangeUses,
            most,
            least
        );
    }

    /// <summary>One for each /24 of some tallies, which are in address order.</summary>
    public static List<SubnetUse> SubnetUses(RangeMap ranges, List<SubnetTally> tallies)
    {
        List<SubnetUse> uses = [];
        for (var i = 0; i < tallies.Count; )
        {
            var network = Subnets.Of(tallies[i].First);
            var end = i + 1;
            while (end < tallies.Count && network.Contains(new Ipv4Address(tallies[end].First)))
                end++;
            // One that a range has whole is no other range's.
            var isWhole = tallies[i].First == network.Address.Value && tallies[i].Last == network.Last.Value;
            uses.Add(
                isWhole
                    ? new SubnetUse(network, Subnets.Counts(ranges, tallies[i]))
                    : UseOf(ranges, network, within: network, tallies[i..end])
            );
            i = end;
        }
        return uses;
    }

    /// <summary>A /24 of which some ranges may have a part each, counted as far as it lies within a network.</summary>
    public static SubnetUse UseOf(
        RangeMap ranges,
        Ipv4Network subnet,
        Ipv4Network within,
        IReadOnlyList<SubnetTally> tallies
    )
    {
        var counts = default(PoolCounts);
        foreach (var (first, last) in Parts(ranges, subnet, within))
        {
            var tally = tallies.FirstOrDefault(
                t => t.First == first.Value,
                new SubnetTally(first.Value, last.Value, 0, 0, 0)
            );
            counts = Subnets.Sum(counts, Subnets.Counts(ranges, tally));
        }
        return new SubnetUse(subnet, counts);
    }

    /// <summary>What the ranges of a pool have in both of two networks, in address order.</summary>
    public static IReadOnlyList<AddressStretch> Parts(RangeMap ranges, Ipv4Network one, Ipv4Network other) =>
        one.Overlaps(other)
            ? AddressStretch.Intersect(
                ranges.Bounds,
                [AddressStretch.Of(one.PrefixLength > other.PrefixLength ? one : other)]
            )
            : [];

    private static List<RangeUse> RangeUses(RangeMap ranges, List<SubnetTally> tallies)
    {
        List<RangeUse> uses = [];
        var next = 0;
        foreach (var range in ranges.Ranges)
        {
            var (first, last) = (range.First.Value, range.Last.Value);
            var (used, cooling, reservedInUse, touched) = (0L, 0L, 0L, 0L);
            for (; next < tallies.Count && tallies[next].First <= last; next++, touched++)
            {
                used += tallies[next].Used;
                cooling += tallies[next].Cooling;
                reservedInUse += tallies[next].ReservedInUse;
            }
            var total = (long)last - first + 1;
            var reserved = Subnets.ReservedIn(ranges, first, last) - reservedInUse;
            var subnets = Subnets.Count([new AddressStretch(range.First, range.Last)]);
            uses.Add(
                new RangeUse(
                    range,
                    new PoolCounts(total, used, cooling, reserved, total - used - cooling - reserved),
                    subnets,
                    subnets - touched
                )
            );
        }
        return uses;
    }

    private static double Share(SubnetUse use) => (double)use.Counts.Used / use.Counts.Total;

    private static uint Start(SubnetUse use) => use.Network.Address.Value;
}
