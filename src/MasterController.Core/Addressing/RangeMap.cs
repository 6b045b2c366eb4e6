using MasterController.Linux.Addresses;

namespace MasterController.Core.Addressing;

/// <summary>The ranges of a pool in address order, with what is reserved in them.</summary>
internal sealed class RangeMap
{
    private readonly AddressRange[] _ranges;

    /// <summary>First and last of every reserved stretch inside the ranges, lowest first, none overlapping another.</summary>
    private readonly List<(uint First, uint Last)> _reserved = [];

    public RangeMap(IEnumerable<AddressRange> ranges)
    {
        _ranges = [.. ranges.OrderBy(r => r.First)];
        foreach (var range in _ranges)
        {
            Total += (long)range.Last.Value - range.First.Value + 1;
            foreach (var (first, last) in Reservations(range).OrderBy(r => r.First))
                Reserve(first, last);
        }
        Reserved = _reserved.Sum(r => (long)r.Last - r.First + 1);
    }

    /// <summary>Lowest first.</summary>
    public IReadOnlyList<AddressRange> Ranges => _ranges;

    public int Count => _ranges.Length;

    public IReadOnlyList<(uint First, uint Last)> ReservedStretches => _reserved;

    /// <summary>How many addresses there are from first to last of all ranges.</summary>
    public long Total { get; }

    /// <summary>How many of them are reserved, the gateways included; what is reserved twice counts once.</summary>
    public long Reserved { get; }

    /// <summary>First and last of a range; faster than by <see cref="Ranges"/>.</summary>
    public (uint First, uint Last) BoundsOf(int index)
    {
        var range = _ranges[index];
        return (range.First.Value, range.Last.Value);
    }

    /// <summary>The index in <see cref="Ranges"/> of the range whose first to last holds the address, or −1.</summary>
    public int IndexOf(uint address)
    {
        var low = 0;
        var high = _ranges.Length - 1;
        while (low <= high)
        {
            var middle = (low + high) / 2;
            if (address < _ranges[middle].First.Value)
                high = middle - 1;
            else if (address > _ranges[middle].Last.Value)
                low = middle + 1;
            else
                return middle;
        }
        return -1;
    }

    public bool IsReserved(uint address)
    {
        var low = 0;
        var high = _reserved.Count - 1;
        while (low <= high)
        {
            var middle = (low + high) / 2;
            if (address < _reserved[middle].First)
                high = middle - 1;
            else if (address > _reserved[middle].Last)
                low = middle + 1;
            else
                return true;
        }
        return false;
    }

    /// <summary>Why an address is never leased, for a person; null where nothing stands against it.</summary>
    public string? ReasonAgainst(Ipv4Address address)
    {
        foreach (var range in _ranges)
        {
            if (range.Gateway == address)
                return $"it is the gateway of {range.Network}";
        }
        foreach (var range in _ranges)
        {
            foreach (var reservation in range.Reservations)
            {
                if (reservation.Contains(address) && range.First <= address && address <= range.Last)
                    return $"it is in the reservation {reservation}";
            }
        }
        return null;
    }

    private static IEnumerable<(uint First, uint Last)> Reservations(AddressRange range)
    {
        foreach (var reservation in range.Reservations)
        {
            var first = Math.Max(reservation.Address.Value, range.First.Value);
            var last = Math.Min(reservation.Last.Value, range.Last.Value);
            if (first <= last)
                yield return (first, last);
        }
        if (range.Gateway is { } gateway && range.First <= gateway && gateway <= range.Last)
            yield return (gateway.Value, gateway.Value);
    }

    private void Reserve(uint first, uint last)
    {
        // Joined only where they overlap: the next one may be in another /8, and no stretch may be in two.
        if (_reserved.Count > 0 && first <= _reserved[^1].Last)
            _reserved[^1] = (_reserved[^1].First, Math.Max(_reserved[^1].Last, last));
        else
            _reserved.Add((first, last));
    }
}
