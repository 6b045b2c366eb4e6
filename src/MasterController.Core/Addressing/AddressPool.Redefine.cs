using MasterController.Linux.Addresses;

namespace MasterController.Core.Addressing;

/// <summary>
/// Another definition for a pool in use. Only the stretches that differ are gone through, and in them only what is
/// leased or cooling, so that a network costs the same whatever its size.
/// </summary>
internal sealed partial class AddressPool
{
    /// <summary>Leases that another definition would have outside, in address order.</summary>
    public IEnumerable<Lease> LeasesOutside(RangeMap next) =>
        Leaving(next).SelectMany(stretch => Leased(stretch.First, stretch.Last));

    /// <summary>Cooling addresses that another definition would have outside, in address order.</summary>
    public IEnumerable<Ipv4Address> CoolingOutside(RangeMap next) =>
        Leaving(next)
            .SelectMany(stretch => _table.InUse(stretch.First, stretch.Last))
            .Where(address => _table.Peek(address).IsCooling)
            .Select(address => new Ipv4Address(address));

    /// <summary>Takes another definition, which no lease may lie outside of; what cools down outside is forgotten.</summary>
    public void Redefine(RangeMap next)
    {
        foreach (var (first, last) in Leaving(next))
        foreach (var address in _table.InUse(first, last))
            Forget(address);
        foreach (var (first, last) in Stretches.Except(_ranges.ReservedStretches, next.ReservedStretches))
        {
            _taken.RemoveRange(first, last);
            foreach (var address in _table.InUse(first, last))
            {
                _taken.Add(address);
                _reservedInUse--;
            }
        }
        foreach (var (first, last) in Stretches.Except(next.ReservedStretches, _ranges.ReservedStretches))
        {
            _taken.AddRange(first, last);
            _reservedInUse += _table.InUse(first, last).LongCount();
        }
        _cooldownTicks = next.Definition.Cooldown.Ticks;
        (_openRange, _openFrom) = (0, 0);
        Volatile.Write(ref _ranges, next);
    }

    private IEnumerable<(uint First, uint Last)> Leaving(RangeMap next) =>
        Stretches.Except(_ranges.Bounds, next.Bounds);

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
