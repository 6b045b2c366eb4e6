namespace MasterController.Core.Addressing;

/// <summary>
/// Addresses that were never leased, lowest first; then the one whose cool-down ended longest ago, which with one
/// cool-down for all is the one that was given back longest ago. Takes constant time, and 16 bytes for an address that
/// was given back. A restart forgets the order of those that are free, as the store has no row for them: they count as
/// never leased again; those that were cooling come after them, in the order of their release. So does what is reserved
/// for a while.
/// </summary>
internal sealed class LeastRecentlyUsedOrder : AllocationOrder
{
    private readonly LeaseTable _table;

    /// <summary>What is reserved or has been leased.</summary>
    private readonly AddressSet _seen;
    private readonly LowestFreeOrder _unseen;

    /// <summary>Free addresses that were leased, by when they became free; some have been leased again.</summary>
    private readonly AddressQueue _returned = new();
    private int _sweepAt = 1024;
    private long _lastNumber;

    public LeastRecentlyUsedOrder(AddressSet taken, RangeMap ranges, LeaseTable table)
        : base(taken, ranges)
    {
        _table = table;
        _seen = new AddressSet();
        foreach (var (first, last) in ranges.ReservedStretches)
            _seen.AddRange(first.Value, last.Value);
        foreach (var address in ranges.Bounds.SelectMany(table.InUse))
            _seen.Add(address);
        _unseen = new LowestFreeOrder(_seen, ranges);
    }

    public override bool TryFind(out uint address)
    {
        if (_unseen.TryFind(out address))
            return true;
        for (; _returned.Count > 0; _returned.Dequeue())
        {
            address = _returned.First.Address;
            if (IsCurrent(_returned.First))
                return true;
        }
        return false;
    }

    public override long Granted(uint address, ref LeaseSlot before, bool isInTurn)
    {
        var memo = _seen.Contains(address) ? before.ReturnNumber : 0;
        _seen.Add(address);
        return memo;
    }

    public override void Revoked(uint address, ref LeaseSlot slot, long granted)
    {
        if (slot.Owner is not null)
            return;
        if (granted == 0)
        {
            _seen.Remove(address);
            _unseen.Freed(address, ref slot);
            return;
        }
        slot.Return(granted);
        if (_returned.Count == 0 || granted < _returned.First.Stamp)
            _returned.EnqueueFirst(new QueuedAddress(address, 0, granted));
        else if (!_returned.ContainsInOrder(granted))
            Freed(address, ref slot); // swept away in the meantime
    }

    public override void Freed(uint address, ref LeaseSlot slot)
    {
        slot.Return(++_lastNumber);
        if (_returned.Count > _sweepAt)
        {
            _returned.Sweep(IsCurrent);
            _sweepAt = (2 * _returned.Count) + 1024;
        }
        _returned.Enqueue(new QueuedAddress(address, 0, _lastNumber));
    }

    public override void Restored(uint address, long sinceTicks) => _seen.Add(address);

    public override void Redefined(
        RangeMap next,
        IReadOnlyList<AddressStretch> opened,
        IReadOnlyList<AddressStretch> closed
    )
    {
        base.Redefined(next, opened, closed);
        foreach (var stretch in opened)
        {
            _seen.RemoveRange(stretch.First.Value, stretch.Last.Value);
            foreach (var address in _table.InUse(stretch))
                _seen.Add(address);
        }
        foreach (var stretch in closed)
            _seen.AddRange(stretch.First.Value, stretch.Last.Value);
        _unseen.Redefined(next, opened, closed);
    }

    private bool IsCurrent(QueuedAddress returned) =>
        _table.Peek(returned.Address).ReturnNumber == returned.Stamp
        && Ranges.IndexOf(returned.Address) >= 0
        && !Ranges.IsReserved(returned.Address);
}
