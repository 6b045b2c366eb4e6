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

    /// <summary>What is left of the first list without the second, lowest first.</summary>
    public static IReadOnlyList<AddressStretch> Subtract(
        IEnumerable<AddressStretch> from,
        IEnumerable<AddressStretch> taken
    )
    {
        List<AddressStretch> left = [.. from.OrderBy(s => s.First)];
        foreach (var hole in taken)
            left = [.. left.SelectMany(stretch => Without(stretch, hole))];
        return left;
    }

    private static IEnumerable<AddressStretch> Without(AddressStretch stretch, AddressStretch hole)
    {
        if (!stretch.Overlaps(hole))
        {
            yield return stretch;
            yield break;
        }
        if (stretch.First < hole.First)
            yield return stretch with
            {
                Last = new Ipv4Address(hole.First.Value - 1),
            };
        if (hole.Last < stretch.Last)
            yield return stretch with
            {
                First = new Ipv4Address(hole.Last.Value + 1),
            };
    }

    private static Ipv4Address Min(Ipv4Address one, Ipv4Address other) => one < other ? one : other;

    private static Ipv4Address Max(Ipv4Address one, Ipv4Address other) => one > other ? one : other;
}
