using MasterController.Linux.Addresses;

namespace MasterController.Core.Addressing;

/// <summary>What is used of the addresses from first to last, both inclusive, of one range and in one /24.</summary>
/// <param name="ReservedInUse">Reserved addresses among those that are used or cooling.</param>
internal readonly record struct SubnetTally(uint First, uint Last, int Used, int Cooling, int ReservedInUse);

/// <summary>What one look under the pool's lock has brought.</summary>
/// <param name="Ranges">Those that it was made with.</param>
/// <param name="Next">Where to go on; null when it is through.</param>
internal sealed record Slice<T>(RangeMap Ranges, IReadOnlyList<T> Items, uint? Next);

/// <summary>Sizes and sums of what the ranges of a pool have in /24s.</summary>
internal static class Subnets
{
    public const int PrefixLength = 24;
    private const int HostBits = 32 - PrefixLength;

    public static Ipv4Network Of(uint address) => Ipv4Network.Of(new Ipv4Address(address), PrefixLength);

    /// <summary>How many /24s some stretches reach into; they are in address order and none overlaps another.</summary>
    public static long Count(IEnumerable<AddressStretch> stretches)
    {
        var count = 0L;
        var counted = -1L;
        foreach (var (first, last) in stretches)
        {
            count += (last.Value >> HostBits) - Math.Max(first.Value >> HostBits, counted + 1) + 1;
            counted = last.Value >> HostBits;
        }
        return count;
    }

    /// <summary>The counts of a stretch of which so much is in use.</summary>
    public static PoolCounts Counts(RangeMap ranges, SubnetTally tally)
    {
        var total = (long)tally.Last - tally.First + 1;
        var reserved = ReservedIn(ranges, tally.First, tally.Last) - tally.ReservedInUse;
        return new PoolCounts(
            total,
            tally.Used,
            tally.Cooling,
            reserved,
            total - tally.Used - tally.Cooling - reserved
        );
    }

    public static PoolCounts Sum(PoolCounts one, PoolCounts other) =>
        new(
            one.Total + other.Total,
            one.Used + other.Used,
            one.Cooling + other.Cooling,
            one.Reserved + other.Reserved,
            one.Free + other.Free
        );

    /// <summary>How many addresses from first to last are reserved.</summary>
    public static long ReservedIn(RangeMap ranges, uint first, uint last)
    {
        var reserved = ranges.ReservedStretches;
        // The first stretch that does not end before.
        var (low, high) = (0, reserved.Length);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (reserved[middle].Last.Value < first)
                low = middle + 1;
            else
                high = middle;
        }
        var count = 0L;
        for (; low < reserved.Length && reserved[low].First.Value <= last; low++)
            count += (long)Math.Min(last, reserved[low].Last.Value) - Math.Max(first, reserved[low].First.Value) + 1;
        return count;
    }
}
