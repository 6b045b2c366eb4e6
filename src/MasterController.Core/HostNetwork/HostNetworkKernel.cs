using MasterController.Linux.Netlink;
using MasterController.Linux.Nftables;
using MasterController.Linux.Probes;
using MasterController.Linux.Taps;
using Microsoft.Win32.SafeHandles;

namespace MasterController.Core.HostNetwork;

/// <summary>
/// The sockets into the kernel of one network namespace. Opened and used by the network thread alone, since each belongs
/// to the namespace of the thread that opens it.
/// </summary>
internal sealed class HostNetworkKernel : IDisposable
{
    private Announcer? _announcer;

    internal NetlinkSocket Netlink { get; private set; } = NetlinkSocket.Open();

    internal NftablesContext Nftables { get; } = NftablesContext.Open();

    internal SafeFileHandle Control { get; } = Tap.OpenControlSocket();

    /// <summary>Opened by the first who has something to announce.</summary>
    /// <exception cref="System.ComponentModel.Win32Exception">CAP_NET_RAW is missing.</exception>
    internal Announcer Announcer => _announcer ??= Announcer.Open();

    /// <summary>Whether interfaces have IPv6 settings; the kernel refuses to set them where IPv6 is off altogether.</summary>
    internal bool HasIpv6 { get; } = FindIpv6();

    internal static bool FindIpv6() => Directory.Exists("/proc/sys/net/ipv6");

    /// <summary>A new netlink socket after answers were lost on the old one.</summary>
    internal void ReopenNetlink()
    {
        Netlink.Dispose();
        Netlink = NetlinkSocket.Open();
    }

    public void Dispose()
    {
        Netlink.Dispose();
        Nftables.Dispose();
        Control.Dispose();
        _announcer?.Dispose();
    }
}
