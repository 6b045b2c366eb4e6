namespace MasterController.Core.Addressing;

/// <summary>The lowest address first.</summary>
internal sealed class LowestFreeOrder(AddressSet taken, RangeMap ranges) : AllocationOrder(taken, ranges)
{
    /// <summary>No address below is free.</summary>
    private uint _openFrom;

    /// <summary>The range that it is in, or was in.</summary>
    private int _range;

    public override bool TryFind(out uint address)
    {
        var bounds = Ranges.Bounds;
        while (_range > 0 && _openFrom <= bounds[_range - 1].Last.Value)
            _range--;
        for (; _range < bounds.Length; _range++)
        {
            var (first, last) = bounds[_range];
            var from = Math.Max(_openFrom, first.Value);
            if (from > last.Value || !Taken.TryFindAbsent(from, last.Value, out address))
                continue;
            _openFrom = address;
            return true;
        }
        address = 0;
        return false;
    }

    public override void Freed(uint address, ref LeaseSlot slot)
    {
        if (address < _openFrom)
            _openFrom = address;
    }

    public override void Redefined(
        RangeMap next,
        IReadOnlyList<AddressStretch> opened,
        IReadOnlyList<AddressStretch> closed
    )
    {
        base.Redefined(next, opened, closed);
        (_range, _openFrom) = (0, 0);
    }
}
