using MasterController.Linux.Addresses;

namespace MasterController.Core.Addressing;

/// <summary>
/// What is in use where. Gone through in slices, so that whoever holds a lock for it can let go in between; a slice costs
/// what the /24s in it that were ever leased from cost, whatever the pool's size.
/// </summary>
internal sealed partial class AddressPool
{
    /// <summary>How many addresses there are from first to last of all ranges.</summary>
    public long Total => _ranges.Total;

    /// <summary>The /24s with an address that is used or cooling, from one address to another, both inclusive.</summary>
    /// <param name="atMost">How many addresses are looked at, about; those of a /24 are not parted.</param>
    public Slice<SubnetTally> TallyFrom(uint from, uint to, long atMost, DateTimeOffset now)
    {
        Expire(now.UtcTicks);
        List<SubnetTally> tallies = [];
        foreach (var page in PagesFrom(from, to))
        {
            if (atMost <= 0)
                return new(_ranges, tallies, page.First);
            atMost -= page.Last - page.First + 1;
            if (Tally(page) is { } tally && tally.Used + tally.Cooling > 0)
                tallies.Add(tally);
        }
        return new(_ranges, tallies, Next: null);
    }

    /// <summary>What is leased or cooling from one address to another, both inclusive, a run for each /24 with any.</summary>
    public Slice<StateRun> StatesFrom(uint from, uint to, long atMost, DateTimeOffset now)
    {
        Expire(now.UtcTicks);
        List<StateRun> runs = [];
        foreach (var page in PagesFrom(from, to))
        {
            if (atMost <= 0)
                return new(_ranges, runs, page.First);
            atMost -= page.Last - page.First + 1;
            runs.Add(new StateRun(page.First, States(page)));
        }
        return new(_ranges, runs, Next: null);
    }

    /// <summary>Stretches of addresses that are used or cooling, in address order; none is of two /24s.</summary>
    public Slice<(uint First, uint Last)> BusyFrom(uint from, long atMost, DateTimeOffset now)
    {
        Expire(now.UtcTicks);
        List<(uint First, uint Last)> busy = [];
        foreach (var page in PagesFrom(from, uint.MaxValue))
        {
            if (atMost <= 0)
                return new(_ranges, busy, page.First);
            atMost -= page.Last - page.First + 1;
            AddBusy(page, busy);
        }
        return new(_ranges, busy, Next: null);
    }

    /// <summary>What an owner who is new to the pool would be given; null where nothing is free, or chance decides.</summary>
    public Ipv4Address? NextFree(DateTimeOffset now)
    {
        Expire(now.UtcTicks);
        return
            Definition.Strategy != AllocationStrategy.Random
            && (_order.TryFind(out var address) || TryFindLongestCooled(out address))
            ? new Ipv4Address(address)
            : null;
    }

    private IEnumerable<LeasePage> PagesFrom(uint from, uint to) =>
        _ranges
            .Bounds.Where(range => range.First.Value <= to && from <= range.Last.Value)
            .SelectMany(range => _table.Pages(Math.Max(from, range.First.Value), Math.Min(to, range.Last.Value)));

    private SubnetTally Tally(LeasePage page)
    {
        var (used, cooling, reservedInUse) = (0, 0, 0);
        var hasReserved = Subnets.ReservedIn(_ranges, page.First, page.Last) > 0;
        for (ulong address = page.First; address <= page.Last; address++)
        {
            ref readonly var slot = ref page.Slots[(byte)address];
            if (slot.Owner is null)
                continue;
            if (slot.IsLeased)
                used++;
            else
                cooling++;
            if (hasReserved && _ranges.IsReserved((uint)address))
                reservedInUse++;
        }
        return new SubnetTally(page.First, page.Last, used, cooling, reservedInUse);
    }

    private static CellState[] States(LeasePage page)
    {
        var states = new CellState[page.Last - page.First + 1];
        for (var i = 0; i < states.Length; i++)
        {
            ref readonly var slot = ref page.Slots[(byte)(page.First + i)];
            if (slot.Owner is not null)
                states[i] = slot.IsLeased ? CellState.Leased : CellState.Cooling;
        }
        return states;
    }

    private static void AddBusy(LeasePage page, List<(uint First, uint Last)> busy)
    {
        ulong? began = null;
        for (ulong address = page.First; address <= page.Last; address++)
        {
            if (page.Slots[(byte)address].Owner is not null)
                began ??= address;
            else if (began is { } first)
            {
                busy.Add(((uint)first, (uint)address - 1));
                began = null;
            }
        }
        if (began is { } open)
            busy.Add(((uint)open, page.Last));
    }
}
