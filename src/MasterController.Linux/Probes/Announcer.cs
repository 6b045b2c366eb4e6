using System.ComponentModel;
using MasterController.Linux.Addresses;

namespace MasterController.Linux.Probes;

/// <summary>
/// Tells a link unasked that addresses are at an interface now, so that whoever remembers another place forgets it at once
/// rather than after minutes: gratuitous ARP (RFC 5944, 4.6), unsolicited neighbour advertisements (RFC 4861, 7.2.6). Nobody
/// confirms them, so the caches of those who miss one are right only when their entries age. In the namespace of the thread
/// that opens it, and to one caller at a time.
/// </summary>
/// <remarks>
/// To be kept open: when a packet socket is closed, the kernel waits for all processors (synchronize_net in packet_release),
/// some 8 ms.
/// </remarks>
public sealed class Announcer : IDisposable
{
    private readonly LinkSocket _arp;
    private readonly LinkSocket _ipv6;

    private Announcer(LinkSocket arp, LinkSocket ipv6) => (_arp, _ipv6) = (arp, ipv6);

    /// <exception cref="Win32Exception">CAP_NET_RAW is missing.</exception>
    public static Announcer Open()
    {
        var arp = LinkSocket.Open(Libc.ETH_P_ARP, receives: false);
        try
        {
            return new Announcer(arp, LinkSocket.Open(Libc.ETH_P_IPV6, receives: false));
        }
        catch
        {
            arp.Dispose();
            throw;
        }
    }

    /// <summary><c>arping -U -c 1 -I INDEX ADDRESS</c> of each.</summary>
    /// <param name="mac">That of the interface.</param>
    /// <returns>How many the kernel took.</returns>
    public int Send(
        int index,
        MacAddress mac,
        IReadOnlyCollection<Ipv4Address> ipv4,
        IReadOnlyCollection<Ipv6Address> ipv6
    )
    {
        var sent = 0;
        Span<byte> request = stackalloc byte[ArpFrame.Length];
        foreach (var address in ipv4)
        {
            ArpFrame.WriteAnnouncement(request, mac, address);
            sent += _arp.TrySend(index, request) ? 1 : 0;
        }
        Span<byte> advertisement = stackalloc byte[NeighbourFrame.Length];
        foreach (var address in ipv6)
        {
            NeighbourFrame.WriteAnnouncement(advertisement, mac, address);
            sent += _ipv6.TrySend(index, advertisement) ? 1 : 0;
        }
        return sent;
    }

    public void Dispose()
    {
        _arp.Dispose();
        _ipv6.Dispose();
    }
}
