using MasterController.Linux.Addresses;

namespace MasterController.Core.HostNetwork.Dedicated;

/// <summary>What dedicated addresses are taken from, and how it gets to this host.</summary>
/// <param name="Ipv6">Global unicast, /48 to /112; null where VMs have no IPv6.</param>
/// <param name="Wish">How the provider delivers the prefix; null for finding it out.</param>
/// <param name="Ipv4">Extra addresses, for VMs alone; none overlaps another.</param>
public sealed record ExternalNetworks(Ipv6Network? Ipv6, PrefixDelivery? Wish, IReadOnlyList<Ipv4Network> Ipv4)
{
    public static ExternalNetworks None { get; } = new(null, null, []);
}

public enum PrefixDelivery
{
    /// <summary>All of the prefix is sent to this host.</summary>
    Routed,

    /// <summary>The provider's router asks on the uplink's link for each address (NDP, RFC 4861).</summary>
    OnLink,
}

/// <summary>What the host is like where dedicated addresses are concerned, read and not changed.</summary>
/// <param name="Delivery">As wished, or as it looks; null without a prefix or an uplink.</param>
/// <param name="Why">In words, for "doctor": what it was found out by.</param>
/// <param name="HostIpv6">The host's own addresses inside the prefix, and its routers': never leased.</param>
/// <param name="HostIpv4">The host's own addresses, on all interfaces but loopback.</param>
/// <param name="Problems">What makes the prefix or an extra network impossible here, each with its key.</param>
public sealed record ExternalSurvey(
    PrefixDelivery? Delivery,
    string? Why,
    IReadOnlyList<Ipv6Address> HostIpv6,
    IReadOnlyList<Ipv4Address> HostIpv4,
    IReadOnlyList<ExternalProblem> Problems
)
{
    public static ExternalSurvey Nothing { get; } = new(null, null, [], [], []);

    /// <summary>
    /// Inside the extra networks: routers of the uplink's link, and what its networks have no hosts on. Never leased, as the
    /// host's own are not.
    /// </summary>
    public IReadOnlyList<Ipv4Address> ReservedIpv4
    {
        get => field ?? [];
        init;
    }

    /// <summary>Whether IPv6 leads out of the uplink to everywhere; without, VMs with IPv6 reach its link alone.</summary>
    public bool HasIpv6DefaultRoute { get; init; }

    /// <summary>The interface that leads out; null where there is none.</summary>
    public string? Uplink { get; init; }
}

/// <param name="Key">"external.ipv6" or "external.ipv4".</param>
public sealed record ExternalProblem(string Key, string Message);
