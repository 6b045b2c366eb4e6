using MasterController.Core.HostNetwork.Policies;
using MasterController.Linux.Addresses;
using MasterController.Linux.Nftables;

namespace MasterController.Core.HostNetwork;

/// <summary>
/// What is in the sets of our table, each element as nft writes it. Read from the kernel itself: libnftables reads every
/// element of every map for that, and there is one for each guest.
/// </summary>
internal static class FirewallElements
{
    private const uint IntervalEnd = 1; // NFT_SET_ELEM_INTERVAL_END
    private const string Uplinks = "uplinks";
    private const string Gateways = "gateways";

    /// <summary>Nothing where there is no such set; the table's fingerprint tells that it is gone.</summary>
    internal static IReadOnlySet<string> Read(NftTable table, string set) =>
        set switch
        {
            Uplinks => table.Names(set).ToHashSet(),
            Gateways => table.Elements(set).Select(element => element.Key.AsIpv4.ToString()).ToHashSet(),
            _ => Networks(table.Elements(set)).ToHashSet(),
        };

    /// <summary>
    /// The kernel has an interval as two elements, the second behind its last address: none where that is the last there is,
    /// or where the next interval begins.
    /// </summary>
    internal static IEnumerable<string> Networks(IEnumerable<NftElement> elements)
    {
        var sorted = elements.OrderBy(element => element.Key).ThenByDescending(element => element.Flags).ToList();
        for (var i = 0; i < sorted.Count; i++)
            if ((sorted[i].Flags & IntervalEnd) == 0)
                yield return Text(
                    sorted[i].Key.AsIpv4.Value,
                    i + 1 < sorted.Count ? sorted[i + 1].Key.AsIpv4.Value - 1 : uint.MaxValue
                );
    }

    // What is no network is none of ours; as text it differs from all that is desired and is replaced.
    private static string Text(uint first, uint last)
    {
        var size = (ulong)last - first + 1;
        return ulong.IsPow2(size) && first % size == 0
            ? Ipv4NetworkSet.Text(new Ipv4Network(new Ipv4Address(first), 32 - (int)ulong.Log2(size)))
            : $"{new Ipv4Address(first)}-{new Ipv4Address(last)}";
    }
}
