using System.Net;
using System.Net.Sockets;
using MasterController.Core.HostNetwork;
using MasterController.Core.HostNetwork.Dedicated;
using MasterController.Linux.Addresses;
using MasterController.Linux.Namespaces;
using MasterController.Linux.Netlink;
using Xunit;

namespace MasterController.LinuxTests.HostNetwork.Dedicated;

/// <summary>
/// A host with a provider's router at the other end of its uplink (2001:db8:ffff::1 and ::2, fe80::1:1 and fe80::1:2), which
/// sends a prefix to the host, or has it on the link and asks there for each address.
/// </summary>
internal static class ProviderHost
{
    internal static readonly Ipv6Network Prefix = Ipv6Network.Parse("2001:db8:1250::/64");
    internal static readonly Ipv4Network Extra = Ipv4Network.Parse("203.0.113.32/28");

    /// <summary>Not on the uplink's link: its router sends it to the host.</summary>
    internal static readonly Ipv4Network RoutedExtra = Ipv4Network.Parse("198.51.100.32/28");

    internal const string RouterAddress = "2001:db8:ffff::1";
    internal const string HostAddress = "2001:db8:1250::5";

    internal static ExternalNetworks Networks(PrefixDelivery? wish = null) => new(Prefix, wish, [Extra, RoutedExtra]);

    /// <summary>Nothing of ours is made yet.</summary>
    internal static async Task<TestHost> StartAsync(PrefixDelivery how, PrefixDelivery? wish = null)
    {
        var host = await TestHost.StartAsync(external: Networks(wish));
        foreach (
            var (run, mine, link) in new[]
            {
                (new Action<string>(c => host.Host(c)), 2, "up0"),
                (c => host.Internet(c), 1, "far0"),
            }
        )
        {
            // Those that the kernel makes are asked for on the link first, a second long.
            run($"ip -6 address flush dev {link} scope link");
            run($"ip -6 address add fe80::1:{mine}/64 dev {link} nodad");
            run($"ip -6 address add 2001:db8:ffff::{mine}/64 dev {link} nodad");
        }
        host.Host($"ip -6 route add default via {RouterAddress} dev up0");
        host.Internet("sysctl -q -w net.ipv6.conf.all.forwarding=1");
        if (how == PrefixDelivery.Routed)
        {
            host.Internet($"ip -6 route add {Prefix} via 2001:db8:ffff::2");
        }
        else
        {
            host.Host($"ip -6 address add {HostAddress}/64 dev up0 nodad");
            host.Internet("ip -6 address add 2001:db8:1250::1/64 dev far0 nodad");
        }
        host.Internet($"ip route add {RoutedExtra} via {TestHost.HostAddress}");
        return host;
    }

    /// <summary>192.168.100.N with prefix::100:N, and the N-th extra address where one is asked for.</summary>
    internal static Attachment Guest(int number, bool ipv6 = true, Ipv4Address? given = null) =>
        TestHost.At($"192.168.100.{number}") with
        {
            External = new ExternalAccess(ipv6 ? Ipv6Of(number) : null, given, [], []),
        };

    internal static Ipv6Address Ipv6Of(int number) => Ipv6Address.Parse($"2001:db8:1250::100:{number}");

    internal static Ipv4Address ExtraOf(int number) => new(Extra.Address.Value + (uint)number);

    /// <summary>
    /// What the router knows of an address on its link once it has had to send there: its hardware address, or null where
    /// nobody answered.
    /// </summary>
    internal static async Task<string?> ResolveAtRouterAsync(this TestHost host, string address)
    {
        host.Internet("sh", "-c", $"ping -c 1 -W 1 {address} > /dev/null 2>&1 || true");
        for (var tries = 0; tries < 100; tries++)
        {
            var words = host.Internet($"ip neighbour show {address} dev far0").Split(' ');
            if (words.Contains("FAILED\n") || words.Any(word => word.StartsWith("FAILED", StringComparison.Ordinal)))
                return null;
            if (Array.IndexOf(words, "lladdr") is >= 0 and var at)
                return words[at + 1];
            await Task.Delay(50, TestContext.Current.CancellationToken);
        }
        return null;
    }

    /// <summary>Its end of the cable.</summary>
    internal static LinkEntry RouterLink(this TestHost host) => FindLink(host.FarNamespace, "far0");

    internal static string MacOf(this TestHost host, string link) => $"{FindLink(host.Namespace, link).Mac}";

    /// <summary>A UDP socket of the router's.</summary>
    internal static Socket ListenAtRouter(this TestHost host, int port) =>
        host.FarNamespace.Run(() =>
        {
            var socket = new Socket(AddressFamily.InterNetworkV6, SocketType.Dgram, ProtocolType.Udp)
            {
                ReceiveTimeout = 5_000,
            };
            // It answers from where it was asked.
            socket.Bind(new IPEndPoint(IPAddress.Parse(RouterAddress), port));
            return socket;
        });

    /// <summary>All of IPv6 and of proxies that a host network could touch.</summary>
    internal static string Ipv6Snapshot(this TestHost host) =>
        string.Join(
            "\n--\n",
            Sorted(host.Host("ip -6 -o address show scope link")),
            Sorted(host.Host("ip -6 route show table all")),
            Sorted(host.Host("ip -6 neighbour show nud permanent")),
            Sorted(host.Host("ip neighbour show proxy")),
            Sorted(host.Host("ip -6 neighbour show proxy")),
            Settings(host)
        );

    // What IPv6 would do on an interface matters where it is on.
    private static string Settings(TestHost host)
    {
        string[] lines = host.Host(
                "sysctl -a -r ^net.ipv6.(conf|neigh).(all|up0|fc.*)[.](forwarding|accept_ra|proxy_ndp|proxy_delay|addr_gen_mode|disable_ipv6)$"
            )
            .Split('\n');
        var off = lines
            .Where(line => line.EndsWith(".disable_ipv6 = 1", StringComparison.Ordinal))
            .Select(line => line.Split('.')[3])
            .ToHashSet();
        return string.Join(
            '\n',
            lines.Where(line =>
                line.Split('.') is not [_, _, _, var link, ['a', 'c', 'c', ..] or ['a', 'd', 'd', ..]]
                || !off.Contains(link)
            )
        );
    }

    private static LinkEntry FindLink(NetworkNamespace space, string name) =>
        space.Run(() =>
        {
            using var netlink = NetlinkSocket.Open();
            return netlink.FindLink(name)!.Value;
        });

    private static string Sorted(string lines) =>
        string.Join(
            '\n',
            lines
                .Replace(" linkdown", "", StringComparison.Ordinal)
                .Split('\n')
                .Select(line => line.Split(": ", 2)[^1].Trim())
                .Where(line => !line.Contains("expires", StringComparison.Ordinal))
                .Order(StringComparer.Ordinal)
        );
}
