using MasterController.Linux.Addresses;

namespace MasterController.Core.Addressing;

/// <summary>
/// A definition as it is looked up: its ranges in address order, with what is reserved in them. Never changes, so that
/// it may be read beside whoever puts another in its place.
/// </summary>
internal sealed class RangeMap
{
    private readonly AddressRange[] _ranges;
    private readonly (uint First, uint Last)[] _bounds;
    private readonly (uint First, uint Last)[] _reserved;

    public RangeMap(PoolDefinition definition)
    {
        Definition = definition;
        _ranges = [.. definition.Ranges.OrderBy(r => r.First)];
        _bounds = [.. _ranges.Select(r => (r.First.Value, r.Last.Value))];
        Total = _bounds.Sum(b => (long)b.Last - b.First + 1);
        _reserved = [.. _ranges.SelectMany(range => Joined(ReservedIn(range).OrderBy(r => r.First)))];
        Reserved = _reserved.Sum(r => (long)r.Last - r.First + 1);
    }

    public PoolDefinition Definition { get; }

    /// <summary>Lowest first.</summary>
    public IReadOnlyList<AddressRange> Ranges => _ranges;

    /// <summary>First and last of each range, lowest first; faster than by <see cref="Ranges"/>.</summary>
    public IReadOnlyList<(uint First, uint Last)> Bounds => _bounds;

    /// <summary>First and last of every reserved stretch inside the ranges, lowest first, none overlapping another.</summary>
    public IReadOnlyList<(uint First, uint Last)> ReservedStretches => _reserved;

    /// <summary>How many addresses there are from first to last of all ranges.</summary>
    public long Total { get; }

    /// <summary>
    /// How many of them are not to be leased: reservations, gateways, kept gateways and what is drained. What is reserved
    /// twice counts once.
    /// </summary>
    public long Reserved { get; }

    /// <summary>The index in <see cref="Ranges"/> of the range whose first to last holds the address, or −1.</summary>
    public int IndexOf(uint address) => IndexIn(_bounds, address);

    public bool IsReserved(uint address) => IndexIn(_reserved, address) >= 0;

    /// <summary>Why an address is never leased, for a person; null where nothing stands against it.</summary>
    public string? ReasonAgainst(Ipv4Address address)
    {
        foreach (var range in _ranges)
        {
            if (range.Gateway == address)
                return $"it is the gateway of {range.Network}";
        }
        foreach (var kept in Definition.KeptGateways)
        {
            if (kept.Address == address)
                return $"it was the gateway of {kept.Network} and guests still use it";
        }
        if (IndexOf(address.Value) is not (>= 0 and var index))
            return null;
        foreach (var reservation in _ranges[index].Reservations)
        {
            if (reservation.Contains(address))
                return $"it is in the reservation {reservation}";
        }
        return Definition.Drains.Any(d => d.First <= address && address <= d.Last) ? "it is being drained" : null;
    }

    private static int IndexIn(ReadOnlySpan<(uint First, uint Last)> stretches, uint address)
    {
        var low = 0;
        var high = stretches.Length - 1;
        while (low <= high)
        {
            var middle = (low + high) / 2;
            if (address < stretches[middle].First)
                high = middle - 1;
            else if (address > stretches[middle].Last)
                low = middle + 1;
            else
                return middle;
        }
        return -1;
    }

    private IEnumerable<(uint First, uint Last)> ReservedIn(AddressRange range)
    {
        IEnumerable<(Ipv4Address First, Ipv4Address Last)> everywhere =
        [
            .. range.Reservations.Select(r => (r.Address, r.Last)),
            .. range.Gateway is { } gateway ? [(gateway, gateway)] : Array.Empty<(Ipv4Address, Ipv4Address)>(),
            .. Definition.KeptGateways.Select(kept => (kept.Address, kept.Address)),
            .. Definition.Drains.Select(drain => (drain.First, drain.Last)),
        ];
        foreach (var (first, last) in everywhere)
        {
            if (first <= range.Last && range.First <= last)
                yield return (Math.Max(first.Value, range.First.Value), Math.Min(last.Value, range.Last.Value));
        }
    }

    /// <summary>What overlaps, as one; of one range, for the next one may be in another /8 and no stretch may be in two.</summary>
    private static List<(uint First, uint Last)> Joined(IEnumerable<(uint First, uint Last)> stretches)
    {
        List<(uint First, uint Last)> joined = [];
        foreach (var (first, last) in stretches)
        {
            if (joined.Count > 0 && first <= joined[^1].Last)
                joined[^1] = (joined[^1].First, Math.Max(joined[^1].Last, last));
            else
                joined.Add((first, last));
        }
        return joined;
    }
}
