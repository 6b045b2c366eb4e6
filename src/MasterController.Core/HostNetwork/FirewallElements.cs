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

    internal const string Refused6 = "refused_networks6";

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
            {
                var first = GuestAddresses.Read(sorted[i].Key);
                var behind = i + 1 < sorted.Count ? GuestAddresses.Read(sorted[i + 1].Key).Value : UInt128.Zero;
                yield return Text(first, new IpAddress(first.IsIpv6, (behind - 1) & MostOf(first)));
            }
    }

    // What is no network is none of ours; as text it differs from all that is desired and is replaced.
    private static string Text(IpAddress first, IpAddress last)
    {
        // One less than its size, which may not be a number of so many bits any more.
        var others = last.Value - first.Value;
        if ((others & (others + 1)) != 0 || (first.Value & others) != 0)
            return $"{first}-{last}";
        var prefixLength = (first.Length * 8) - (int)UInt128.PopCount(others);
        return NetworkSet.Text(
            first.IsIpv6
                ? new Ipv6Network(new Ipv6Address(first.Value), prefixLength)
                : new Ipv4Network(new Ipv4Address((uint)first.Value), prefixLength)
        );
    }

    private static UInt128 MostOf(IpAddress address) => address.IsIpv6 ? UInt128.MaxValue : uint.MaxValue;
}
