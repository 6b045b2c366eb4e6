using MasterController.Linux.Addresses;

namespace MasterController.Core.Addressing;

/// <summary>
/// Another definition for a pool in use. Only the stretches that differ are gone through, and in them only what is
/// leased or cooling, so that a network costs the same whatever its size.
/// </summary>
internal sealed partial class AddressPool
{
    /// <summary>Leases that another definition would have outside, in address order.</summary>
    public IEnumerable<Lease> LeasesOutside(RangeMap next) => Leaving(next).SelectMany(LeasesIn);

    /// <summary>Cooling addresses that another definition would have outside, in address order.</summary>
    public IEnumerable<Ipv4Address> CoolingOutside(RangeMap next) =>
        Leaving(next)
            .SelectMany(_table.InUse)
            .Where(address => _table.Peek(address).IsCooling)
            .Select(address => new Ipv4Address(address));

    /// <summary>Takes another definition, which no lease may lie outside of; what cools down outside is forgotten.</summary>
    public void Redefine(RangeMap next)
    {
        var leaving = Leaving(next);
        foreach (var address in leaving.SelectMany(_table.InUse))
            Forget(address);
        var opened = AddressStretch.Subtract(_ranges.ReservedStretches, next.ReservedStretches);
        foreach (var stretch in opened)
        {
            _taken.RemoveRange(stretch.First.Value, stretch.Last.Value);
            foreach (var address in _table.InUse(stretch))
            {
                _taken.Add(address);
                _reservedInUse--;
            }
        }
        var closed = AddressStretch.Subtract(next.ReservedStretches, _ranges.ReservedStretches);
        foreach (var stretch in closed)
        {
            _taken.AddRange(stretch.First.Value, stretch.Last.Value);
            _reservedInUse += _table.InUse(stretch).LongCount();
        }
        if (next.Definition.Strategy == _ranges.Definition.Strategy)
            _order.Redefined(next, [.. leaving, .. opened], closed);
        else
            _order = AllocationOrder.Of(next.Definition.Strategy, _taken, next, _table, _random);
        _cooldownTicks = next.Definition.Cooldown.Ticks;
        Volatile.Write(ref _ranges, next);
    }

    private IReadOnlyList<AddressStretch> Leaving(RangeMap next) =>
        AddressStretch.Subtract(_ranges.Bounds, next.Bounds);

    private void Forget(uint cooling)
    {
        ref var slot = ref _table.Slot(cooling);
        _owners.Remove(cooling, OwnerHash.Of(slot.Owner!));
        _cooling--;
        slot = default;
        if (_ranges.IsReserved(cooling))
            _reservedInUse--;
        else
            _taken.Remove(cooling);
    }
}
