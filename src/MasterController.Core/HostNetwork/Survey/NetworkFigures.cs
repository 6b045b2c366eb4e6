using MasterController.Core.HostNetwork.Bridges;
using MasterController.Linux.Addresses;
using MasterController.Linux.Hosts;
using MasterController.Linux.Namespaces;
using MasterController.Linux.Netlink;

namespace MasterController.Core.HostNetwork.Survey;

/// <summary>What an operator watches of the host's network. Null where the kernel does not say.</summary>
/// <param name="Uplink">The interface that leads out.</param>
/// <param name="UplinkIpv4">Its first address; that of the host, none of VMs.</param>
/// <param name="Conntrack">Tracked connections, of this network namespace.</param>
/// <param name="Neighbours">
/// IPv4 neighbour entries that count against the limit, of all namespaces, but for the permanent entries of others, which
/// are counted and do not count. Known in the first namespace only.
/// </param>
public sealed record NetworkFigures(
    string? Uplink,
    Ipv4Address? UplinkIpv4,
    LinkTraffic? UplinkTraffic,
    TableFill? Conntrack,
    TableFill? Neighbours
)
{
    public static NetworkFigures Nothing { get; } = new(null, null, null, null, null);

    /// <summary>Reads on a thread of the namespace; no cost of it goes with the number of VMs.</summary>
    /// <param name="namespacePath">The calling thread's when null.</param>
    /// <param name="uplink">The configured one; the default route's when null.</param>
    /// <param name="attached">VMs that have a permanent neighbour entry.</param>
    /// <exception cref="NetlinkException">Netlink does not answer.</exception>
    internal static NetworkFigures Read(string? namespacePath, string? uplink, int attached)
    {
        if (namespacePath is null)
            return ReadHere(uplink, attached);
        using var space = NetworkNamespace.Open(namespacePath);
        return space.Run(() => ReadHere(uplink, attached));
    }

    private static NetworkFigures ReadHere(string? uplink, int attached)
    {
        using var netlink = NetlinkSocket.Open();
        var link = (uplink ?? HostSetup.FindUplink(netlink)) is { } name ? netlink.FindLink(name) : null;
        return new NetworkFigures(
            link?.Name,
            link is { } addressed ? FirstAddress(netlink, addressed.Index) : null,
            link is { } counted ? netlink.FindTraffic(counted.Index) : null,
            TableFill.Of(
                Sysctl.Read("net/netfilter/nf_conntrack_count"),
                Sysctl.Read("net/netfilter/nf_conntrack_max")
            ),
            // The limit counts entries that are not permanent (Linux 5.0); the kernel shows all of them in one number.
            TableFill.Of(
                NeighbourTable.CountEntries() is { } entries ? Math.Max(0, entries - attached) : null,
                Sysctl.Read("net/ipv4/neigh/default/gc_thresh3")
            )
        );
    }

    private static Ipv4Address? FirstAddress(NetlinkSocket netlink, int index)
    {
        Ipv4Address? first = null;
        netlink.DumpAddresses(
            index,
            entry =>
                first ??= entry.Label is HostNetworkMarks.AddressLabel or GuestBridge.AddressLabel
                    ? null
                    : entry.Address
        );
        return first;
    }
}

/// <summary>How much of a table is in use.</summary>
public readonly record struct TableFill(long Used, long Limit)
{
    internal static TableFill? Of(long? used, long? limit) =>
        used is { } some && limit is { } most ? new TableFill(some, most) : null;
}
