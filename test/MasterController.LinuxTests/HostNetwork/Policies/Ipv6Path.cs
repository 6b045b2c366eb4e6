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

    /// <summary>Has the guest's kernel object for IPv6, should the host network not have made them.</summary>
    internal static void GiveIpv6(this TestHost host, Attachment attachment)
    {
        var tap = attachment.TapName;
        host.Host(
            $"sysctl -qw net.ipv6.conf.{tap}.addr_gen_mode=1 net.ipv6.conf.{tap}.disable_ipv6=0 net.ipv6.conf.{tap}.forwarding=1"
        );
        host.Host($"ip -6 address replace fe80::1/128 dev {tap} nodad");
        foreach (var address in (Ipv6Address[])[attachment.External!.Ipv6!.Value, attachment.LinkLocal])
        {
            host.Host($"ip -6 route replace {address} dev {tap} proto 252");
            host.Host($"ip -6 neighbour replace {address} lladdr {attachment.Mac} dev {tap} nud permanent");
        }
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
