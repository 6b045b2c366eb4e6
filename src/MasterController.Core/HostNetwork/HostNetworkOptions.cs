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

    public IReadOnlyList<Ipv4Network> Refused => RefusedNetworks ?? DefaultRefusedNetworks;

    /// <summary>Private use (RFC 1918) and carriers' shared space (RFC 6598).</summary>
    public static IReadOnlyList<Ipv4Network> PrivateNetworks { get; } =
    [
        Ipv4Network.Parse("10.0.0.0/8"),
        Ipv4Network.Parse("100.64.0.0/10"),
        Ipv4Network.Parse("172.16.0.0/12"),
        Ipv4Network.Parse("192.168.0.0/16"),
    ];
}
