using MasterController.Core.HostNetwork.Dedicated;
using MasterController.Linux.Addresses;

namespace MasterController.Core.HostNetwork;

/// <param name="Uplink">The interface that leads out; found from the default route when null.</param>
/// <param name="NamespacePath">The network namespace to work in, as under /run/netns; the process's own when null.</param>
/// <param name="RefusedNetworks">
/// Where guests may not send to unless their policy opens it by name; <see cref="DefaultRefusedNetworks"/> when null. An
/// operator who wants guests to reach the internet and nothing private adds <see cref="PrivateNetworks"/>.
/// </param>
/// <param name="RulesFile">The file that the host's iptables rules are loaded from; one that is not there is none.</param>
public sealed record HostNetworkOptions(
    string? Uplink = null,
    string? NamespacePath = null,
    IReadOnlyList<Ipv4Network>? RefusedNetworks = null,
    string RulesFile = HostNetworkOptions.DefaultRulesFile
)
{
    /// <summary>Where dedicated addresses come from.</summary>
    public ExternalNetworks External { get; init; } = ExternalNetworks.None;

    /// <summary>
    /// The same as <see cref="RefusedNetworks"/> for guests with an IPv6 address; <see cref="DefaultRefusedNetworks6"/> when
    /// null.
    /// </summary>
    public IReadOnlyList<Ipv6Network>? RefusedNetworks6 { get; init; }

    /// <summary>What Debian's iptables-persistent loads at boot.</summary>
    public const string DefaultRulesFile = "/etc/iptables/rules.v4";

    /// <summary>
    /// Not destinations of unicast traffic through a router (RFC 6890), and never to be reached: this network, loopback,
    /// multicast, reserved with broadcast.
    /// </summary>
    public static IReadOnlyList<Ipv4Network> UnroutableNetworks { get; } =
    [
        Ipv4Network.Parse("0.0.0.0/8"),
        Ipv4Network.Parse("127.0.0.0/8"),
        Ipv4Network.Parse("224.0.0.0/4"),
        Ipv4Network.Parse("240.0.0.0/4"),
    ];

    /// <summary>Link-local, with the clouds' metadata service 169.254.169.254 (RFC 3927).</summary>
    public static IReadOnlyList<Ipv4Network> DefaultRefusedNetworks { get; } = [Ipv4Network.Parse("169.254.0.0/16")];

    /// <summary>
    /// Addresses of a link (RFC 4291, 2.5.6), multicast (2.7), what is reserved with loopback and addresses that stand for
    /// IPv4 ones (2.5.2 to 2.5.5), and the metadata service of EC2 (Amazon EC2 User Guide, "Access instance metadata").
    /// </summary>
    public static IReadOnlyList<Ipv6Network> DefaultRefusedNetworks6 { get; } =
    [
        Ipv6Network.Parse("fe80::/10"),
        Ipv6Network.Parse("ff00::/8"),
        Ipv6Network.Parse("::/8"),
        Ipv6Network.Parse("fd00:ec2::254/128"),
    ];

    /// <summary>Of both families.</summary>
    public IReadOnlyList<IpNetwork> Refused =>
        [
            .. (RefusedNetworks ?? DefaultRefusedNetworks).Select(network => (IpNetwork)network),
            .. (RefusedNetworks6 ?? DefaultRefusedNetworks6).Select(network => (IpNetwork)network),
        ];

    /// <summary>Private use (RFC 1918) and carriers' shared space (RFC 6598).</summary>
    public static IReadOnlyList<Ipv4Network> PrivateNetworks { get; } =
    [
        Ipv4Network.Parse("10.0.0.0/8"),
        Ipv4Network.Parse("100.64.0.0/10"),
        Ipv4Network.Parse("172.16.0.0/12"),
        Ipv4Network.Parse("192.168.0.0/16"),
    ];
}
