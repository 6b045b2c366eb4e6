using MasterController.Linux.Addresses;

namespace MasterController.Core.Addressing;

/// <summary>Addresses from first to last, both inclusive.</summary>
public readonly record struct AddressStretch(Ipv4Address First, Ipv4Address Last)
{
    public static AddressStretch Of(Ipv4Network network) => new(network.Address, network.Last);

    public long Count => (long)Last.Value - First.Value + 1;

    public bool Contains(Ipv4Address address) => First <= address && address <= Last;

    public bool Overlaps(AddressStretch other) => First <= other.Last && other.First <= Last;

    public override string ToString() => First == Last ? $"{First}" : $"{First}–{Last}";

    /// <summary>What two lists have in common, lowest first, if neither overlaps with itself.</summary>
    public static IReadOnlyList<AddressStretch> Intersect(
        IEnumerable<AddressStretch> some,
        IReadOnlyCollection<AddressStretch> others
    ) =>
        [
            .. some.SelectMany(one =>
                    others
                        .Where(one.Overlaps)
                        .Select(other => new AddressStretch(Max(one.First, other.First), Min(one.Last, other.Last)))
                )
                .OrderBy(s => s.First),
        ];

    /// <summary>What is left of the first list, which does not overlap with itself, without the second; lowest first.</summary>
    public static IReadOnlyList<AddressStretch> Subtract(
        IEnumerable<AddressStretch> from,
        IEnumerable<AddressStretch> taken
    )
    {
        AddressStretch[] holes = [.. taken.OrderBy(s => s.First)];
        List<AddressStretch> left = [];
        var next = 0;
        foreach (var (first, last) in from.OrderBy(s => s.First))
        {
            // As 64 bits: one behind the last of all addresses there is none.
            ulong open = first.Value;
            while (next < holes.Length && holes[next].Last < first)
                next++;
            for (var i = next; i < holes.Length && holes[i].First <= last; i++)
            {
                if (open < holes[i].First.Value)
                    left.Add(new AddressStretch(new((uint)open), new(holes[i].First.Value - 1)));
                open = Math.Max(open, holes[i].Last.Value + 1UL);
            }
            if (open <= last.Value)
                left.Add(new AddressStretch(new((uint)open), last));
        }
        return left;
    }

    private static Ipv4Address Min(Ipv4Address one, Ipv4Address other) => one < other ? one : other;

    private static Ipv4Address Max(Ipv4Address one, Ipv4Address other) => one > other ? one : other;
}
