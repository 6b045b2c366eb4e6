using MasterController.Core.HostNetwork.Bridges;
using MasterController.Linux.Netlink;
using MasterController.Linux.Processes;

namespace MasterController.Core.HostNetwork.Survey;

/// <summary>Limits of the kernel that numbers of VMs run into; null where it does not say.</summary>
/// <param name="NeighbourMax">Entries of IPv4 that are not permanent, in all namespaces.</param>
/// <param name="Neighbours">Those that there are.</param>
/// <param name="OldBridgePorts">TAPs in the bridge of an older controller.</param>
/// <param name="OpenFilesMax">RLIMIT_NOFILE of this process.</param>
/// <param name="NrOpen">fs.nr_open: how far that can be raised.</param>
/// <param name="ListenBacklogMax">net.core.somaxconn.</param>
/// <param name="Ipv6RouteMax">net.ipv6.route.max_size, where the host is a router of IPv6.</param>
internal sealed record KernelFigures(
    long? ConntrackMax,
    long? PidMax,
    long? ThreadsMax,
    long? FileMax,
    long? MemoryBytes,
    long? NeighbourMax,
    int Neighbours,
    int OldBridgePorts,
    long? OpenFilesMax = null,
    long? NrOpen = null,
    long? ListenBacklogMax = null,
    long? Ipv6RouteMax = null
)
{
    internal static KernelFigures Read(NetlinkSocket netlink) =>
        new(
            Sysctl.Read("net/netfilter/nf_conntrack_max"),
            Sysctl.Read("kernel/pid_max"),
            Sysctl.Read("kernel/threads-max"),
            Sysctl.Read("fs/file-max"),
            GC.GetGCMemoryInfo().TotalAvailableMemoryBytes,
            Sysctl.Read("net/ipv4/neigh/default/gc_thresh3"),
            HostNetworkFacts.CountNeighbours(netlink),
            CountOldBridgePorts(netlink),
            OpenFileLimit.Read(),
            Sysctl.Read("fs/nr_open"),
            Sysctl.Read("net/core/somaxconn"),
            Sysctl.Read("net/ipv6/conf/all/forwarding") == 1 ? Sysctl.Read("net/ipv6/route/max_size") : null
        );

    private static int CountOldBridgePorts(NetlinkSocket netlink)
    {
        if (
            netlink.FindLink(HostNetworkOfOthers.OldBridge) is not { Kind: "bridge" } bridge
            || GuestBridge.IsOurs(bridge)
        )
            return 0;
        var ports = 0;
        netlink.DumpLinks("tun", link => ports += link.Master == bridge.Index ? 1 : 0);
        return ports;
    }
}
