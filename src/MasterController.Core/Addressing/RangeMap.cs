using System.Collections.Immutable;
using MasterController.Linux.Addresses;

namespace MasterController.Core.Addressing;

/// <summary>
/// A definition as it is looked up: its ranges in address order, with what is reserved in them. Never changes, so that
/// it may be read beside whoever puts another in its place.
/// </summary>
internal sealed class RangeMap
{
    private readonly AddressRange[] _ranges;

    public RangeMap(PoolDefinition definition)
    {
        Definition = definition;
        _ranges = [.. definition.Ranges.OrderBy(r => r.First)];
        Bounds = [.. _ranges.Select(r => new AddressStretch(r.First, r.Last))];
        Total = Bounds.Sum(b => b.Count);
        ReservedStretches = [.. _ranges.SelectMany(range => Joined(ReservedIn(range)))];
        Reserved = ReservedStretches.Sum(r => r.Count);
    }

    public PoolDefinition Definition { get; }

    /// <summary>Lowest first.</summary>
    public IReadOnlyList<AddressRange> Ranges => _ranges;

    /// <summary>First and last of each range, lowest first; faster than by <see cref="Ranges"/>.</summary>
    public ImmutableArray<AddressStretch> Bounds { get; }

    /// <summary>First and last of every reserved stretch inside the ranges, lowest first, none overlapping another.</summary>
    public ImmutableArray<AddressStretch> ReservedStretches { get; }

    /// <summary>How many addresses there are from first to last of all ranges.</summary>
    public long Total { get; }

    /// <summary>
    /// How many of them are not to be leased: reservations, gateways, kept gateways and what is drained. What is reserved
    /// twice counts once.
    /// </summary>
    public long Reserved { get; }

    /// <summary>The index in <see cref="Ranges"/> of the range whose first to last holds the address, or −1.</summary>
    public int IndexOf(uint address) => IndexIn(Bounds, address);

    public bool IsReserved(uint address) => ReservedStretches.Length > 0 && IndexIn(ReservedStretches, address) >= 0;

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

    private static int IndexIn(ImmutableArray<AddressStretch> stretches, uint address)
    {
        var low = 0;
        var high = stretches.Length - 1;
        while (low <= high)
        {
            var middle = (low + high) / 2;
            if (address < stretches[middle].First.Value)
                high = middle - 1;
            else if (address > stretches[middle].Last.Value)
                low = middle + 1;
            else
                return middle;
        }
        return -1;
    }

    private IEnumerable<AddressStretch> ReservedIn(AddressRange range)
    {
        var bounds = new AddressStretch(range.First, range.Last);
        IEnumerable<AddressStretch> everywhere =
        [
            .. range.Reservations.Select(AddressStretch.Of),
            .. range.Gateway is { } gateway ? [new AddressStretch(gateway, gateway)] : Array.Empty<AddressStretch>(),
            .. Definition.KeptGateways.Select(kept => new AddressStretch(kept.Address, kept.Address)),
            .. Definition.Drains.Select(drain => new AddressStretch(drain.First, drain.Last)),
        ];
        return AddressStretch.Intersect(everywhere, [bounds]);
    }

    /// <summary>What overlaps, as one; of one range, for the next one may be in another /8 and no stretch may be in two.</summary>
    private static List<AddressStretch> Joined(IEnumerable<AddressStretch> lowestFirst)
    {
        List<AddressStretch> joined = [];
        foreach (var stretch in lowestFirst)
        {
            if (joined.Count == 0 || !joined[^1].Overlaps(stretch))
                joined.Add(stretch);
            else if (joined[^1].Last < stretch.Last)
                joined[^1] = joined[^1] with { Last = stretch.Last };
        }
        return joined;
    }
}
