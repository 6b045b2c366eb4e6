namespace MasterController.Core.Addressing;

/// <summary>
/// The one after that which was granted last, whether that was its turn or wanted; begins anew behind the pool's last
/// address. After a restart the last grant is that of the youngest lease which the store remembers.
/// </summary>
internal sealed class NextOrder(AddressSet taken, RangeMap ranges) : AllocationOrder(taken, ranges)
{
    private uint _last;
    private long _restoredSince;

    public override bool TryFind(out uint address) => TryFindFrom(_last == uint.MaxValue ? 0 : _last + 1, out address);

    public override long Granted(uint address, ref LeaseSlot before, bool isInTurn)
    {
        var previous = _last;
        if (isInTurn)
            _last = address;
        return previous;
    }

    public override void Revoked(uint address, ref LeaseSlot slot, long granted)
    {
        // Whoever came after has moved on from there.
        if (_last == address)
            _last = (uint)granted;
    }

    public override void Restored(uint address, long sinceTicks)
    {
        if (sinceTicks < _restoredSince)
            return;
        _restoredSince = sinceTicks;
        _last = address;
    }
}
