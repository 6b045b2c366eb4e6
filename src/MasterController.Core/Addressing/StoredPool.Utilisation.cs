using MasterController.Linux.Addresses;

namespace MasterController.Core.Addressing;

internal sealed partial class StoredPool
{
    /// <summary>A pool of so many addresses, those of a /16, is looked at in one go and so at one instant.</summary>
    private const long MostOfOneInstant = 65_536;

    /// <summary>Of a larger one so many addresses are looked at before the lock is let go: tens of microseconds.</summary>
    private const long AddressesAtOnce = 16_384;

    /// <param name="top">How many /24s are listed as the top and as the bottom.</param>
    public PoolUse Use(int top)
    {
        List<SubnetTally> tallies = [];
        var time = default(DateTimeOffset);
        var looks = 0;
        var ranges = Walk(
            0,
            from =>
            {
                lock (_lock)
                {
                    looks++;
                    time = clock.GetUtcNow();
                    return memory.TallyFrom(from, uint.MaxValue, AtMost, time);
                }
            },
            _ =>
            {
                looks = 1;
                tallies.Clear();
                return tally =>
                {
                    tallies.Add(tally);
                    return true;
                };
            }
        );
        return UseReport.Of(ranges, tallies, top, time, isOfOneInstant: looks == 1);
    }

    /// <summary>The /24s of the pool that reach into a network, counted only as far as they do.</summary>
    /// <param name="from">Those before this address are left out.</param>
    /// <param name="untouched">Whether those are listed that have no address used or cooling.</param>
    public SubnetPage Subnets(Ipv4Network within, Ipv4Address from, int limit, bool untouched)
    {
        SubnetListing? listing = null;
        Walk(
            Math.Max(from.Value, within.Address.Value),
            start =>
            {
                lock (_lock)
                    return memory.TallyFrom(start, within.Last.Value, AtMost, clock.GetUtcNow());
            },
            ranges =>
            {
                listing = new SubnetListing(ranges, within, from, limit, untouched);
                return listing.Add;
            }
        );
        return listing!.Page();
    }

    /// <summary>A map of a network, or of what is around all ranges.</summary>
    public PoolMap Map(Ipv4Network? network)
    {
        MapDrawing? drawing = null;
        var time = default(DateTimeOffset);
        var shown = network ?? MapDrawing.Around(memory.Definition);
        if (MapDrawing.CellPrefixOf(shown) == 32)
            Walk(shown.Address.Value, from => Look(from, memory.StatesFrom), Begin<StateRun>(d => d.Add));
        else
            Walk(shown.Address.Value, from => Look(from, memory.TallyFrom), Begin<SubnetTally>(d => d.Add));
        return drawing!.End(time);

        Slice<T> Look<T>(uint from, Func<uint, uint, long, DateTimeOffset, Slice<T>> look)
        {
            lock (_lock)
            {
                time = clock.GetUtcNow();
                return look(from, shown.Last.Value, AtMost, time);
            }
        }

        Func<RangeMap, Func<T, bool>> Begin<T>(Func<MapDrawing, Func<T, bool>> add) =>
            ranges => add(drawing = new MapDrawing(ranges, shown));
    }

    /// <param name="atMost">How many stretches are listed.</param>
    public FreeSpace FreeSpace(int atMost)
    {
        FreeWalk? walk = null;
        var time = default(DateTimeOffset);
        var counts = default(PoolCounts);
        Ipv4Address? next = null;
        Walk(
            0,
            from =>
            {
                lock (_lock)
                {
                    time = clock.GetUtcNow();
                    counts = memory.Counts(time);
                    next = memory.NextFree(time);
                    return memory.BusyFrom(from, AtMost, time);
                }
            },
            ranges =>
            {
                walk = new FreeWalk(ranges, atMost);
                return busy =>
                {
                    walk.Busy(busy.First, busy.Last);
                    return true;
                };
            }
        );
        walk!.End();
        return new FreeSpace(walk.Ranges.Definition, time, counts, next, walk.Lowest, walk.More);
    }

    private long AtMost => memory.Total <= MostOfOneInstant ? long.MaxValue : AddressesAtOnce;

    /// <summary>Looks slice by slice until it is through; anew where the definition has changed in between.</summary>
    /// <param name="begin">Gives what takes the items; that returns false when it has enough.</param>
    private static RangeMap Walk<T>(uint from, Func<uint, Slice<T>> look, Func<RangeMap, Func<T, bool>> begin)
    {
        while (true)
        {
            var slice = look(from);
            var ranges = slice.Ranges;
            var take = begin(ranges);
            while (true)
            {
                if (!slice.Items.All(take) || slice.Next is not { } next)
                    return ranges;
                slice = look(next);
                if (slice.Ranges != ranges)
                    break;
            }
        }
    }
}
