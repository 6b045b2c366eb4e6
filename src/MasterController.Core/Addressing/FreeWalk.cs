using MasterController.Linux.Addresses;

namespace MasterController.Core.Addressing;

/// <summary>
/// Turns what is in use, told in address order, into what is free: keeps the lowest stretches and counts the others.
/// </summary>
internal sealed class FreeWalk
{
    private readonly int _atMost;
    private readonly List<AddressStretch> _stretches = [];

    /// <summary>What can be leased at all, lowest first.</summary>
    private readonly IReadOnlyList<AddressStretch> _leasable;
    private int _index;
    private ulong _from;

    public FreeWalk(RangeMap ranges, int atMost)
    {
        Ranges = ranges;
        _atMost = atMost;
        _leasable = AddressStretch.Subtract(ranges.Bounds, ranges.ReservedStretches);
        _from = _leasable.Count > 0 ? _leasable[0].First.Value : 0;
    }

    public RangeMap Ranges { get; }

    public IReadOnlyList<AddressStretch> Lowest => _stretches;

    public long More { get; private set; }

    /// <summary>Addresses from first to last are not free.</summary>
    public void Busy(uint first, uint last)
    {
        while (_index < _leasable.Count && _leasable[_index].Last.Value < first)
            EndLeasable();
        // A busy stretch may be reserved in part: what lies outside of the leasable is nobody's.
        while (_index < _leasable.Count && _leasable[_index].First.Value <= last)
        {
            if (_from < first)
                Add(first - 1);
            _from = Math.Max(_from, last + 1UL);
            if (_leasable[_index].Last.Value > last)
                return;
            EndLeasable();
        }
    }

    public void End()
    {
        while (_index < _leasable.Count)
            EndLeasable();
    }

    private void EndLeasable()
    {
        if (_from <= _leasable[_index].Last.Value)
            Add(_leasable[_index].Last.Value);
        if (++_index < _leasable.Count)
            _from = _leasable[_index].First.Value;
    }

    private void Add(uint last)
    {
        if (_stretches.Count < _atMost)
            _stretches.Add(new AddressStretch(new Ipv4Address((uint)_from), new Ipv4Address(last)));
        else
            More++;
    }
}
