using System.Net.Sockets;
using MasterController.Core.HostNetwork;
using MasterController.Core.HostNetwork.Dedicated;
using MasterController.Linux.Addresses;

namespace MasterController.LinuxTests.HostNetwork.Policies;

/// <summary>A cable with IPv6 between host and "internet", and guests with addresses of a prefix that is routed to the host.</summary>
internal static class Ipv6Path
{
    internal const string Internet = "2001:db8:f::1";

    internal static Attachment With(Attachment attachment, string ipv6) =>
        attachment with
        {
            External = ExternalAccess.None with { Ipv6 = Ipv6Address.Parse(ipv6) },
        };

    /// <param name="atInternet">Addresses that the far side has as well.</param>
    internal static void LayIpv6(this TestHost host, params string[] atInternet)
    {
        host.Host("ip -6 address add 2001:db8:f::2/64 dev up0 nodad");
        host.Internet($"ip -6 address add {Internet}/64 dev far0 nodad");
        foreach (var address in atInternet)
            host.Internet($"ip -6 address add {address}/128 dev lo nodad");
        host.Internet("ip -6 route add 2001:db8:1250::/64 via 2001:db8:f::2");
        host.Host($"ip -6 route add default via {Internet}");
        host.Host("sysctl -qw net.ipv6.conf.all.forwarding=1");
    }

    internal static void SendUdp6(Guest guest, Attachment attachment, string to, int port) =>
        guest.Send(
            Frames.Ipv6Udp(
                HostNetworkMarks.RouterMac,
                attachment.Mac,
                attachment.External!.Ipv6!.Value.ToString(),
                to,
                (ushort)port
            )
        );

    internal static bool Hears(Socket server, bool expected)
    {
        server.ReceiveTimeout = expected ? 10_000 : 200;
        try
        {
            server.Receive(new byte[2048]);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
