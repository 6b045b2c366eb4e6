using System.ComponentModel;
using MasterController.Linux.Addresses;

namespace MasterController.Linux.Probes;

/// <summary>
/// Tells a link unasked that addresses are at an interface now, so that whoever remembers another place forgets it at once
/// rather than after minutes: gratuitous ARP (RFC 5944, 4.6), unsolicited neighbour advertisements (RFC 4861, 7.2.6). Nobody
/// confirms them, so the caches of those who miss one are right only when their entries age.
/// </summary>
public static class Announcement
{
    /// <summary><c>arping -U -c 1 -I INDEX ADDRESS</c> of each, in the calling thread's namespace.</summary>
    /// <param name="mac">That of the interface.</param>
    /// <returns>How many the kernel took.</returns>
    /// <exception cref="Win32Exception">CAP_NET_RAW is missing.</exception>
    public static int Send(
        int index,
        MacAddress mac,
        IReadOnlyCollection<Ipv4Address> ipv4,
        IReadOnlyCollection<Ipv6Address> ipv6
    )
    {
        var sent = 0;
        if (ipv4.Count > 0)
        {
            using var socket = LinkSocket.Open(Libc.ETH_P_ARP, receives: false);
            Span<byte> frame = stackalloc byte[ArpFrame.Length];
            foreach (var address in ipv4)
            {
                ArpFrame.WriteAnnouncement(frame, mac, address);
                sent += socket.TrySend(index, frame) ? 1 : 0;
            }
        }
        if (ipv6.Count > 0)
        {
            using var socket = LinkSocket.Open(Libc.ETH_P_IPV6, receives: false);
            Span<byte> frame = stackalloc byte[NeighbourFrame.Length];
            foreach (var address in ipv6)
            {
                NeighbourFrame.WriteAnnouncement(frame, mac, address);
                sent += socket.TrySend(index, frame) ? 1 : 0;
            }
        }
        return sent;
    }
}
