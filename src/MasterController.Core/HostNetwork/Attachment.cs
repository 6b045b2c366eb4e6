using MasterController.Core.HostNetwork.Dedicated;
using MasterController.Core.HostNetwork.Policies;
using MasterController.Linux.Addresses;

namespace MasterController.Core.HostNetwork;

/// <summary>
/// A VM's place in the host network. The names come from the address: no lookup, no collision, and a recycled
/// address keeps its MAC, so that neighbours' caches stay right.
/// </summary>
/// <param name="Gateway">The preferred source of the route, and what the guest calls its gateway.</param>
/// <param name="OwnerUid">The only unprivileged user that may open the TAP.</param>
public sealed record Attachment(Ipv4Address Address, Ipv4Address? Gateway, uint OwnerUid)
{
    public NetworkMode Mode { get; init; }

    /// <summary>Where the guest may send to; null where nothing is refused beside what all guests are.</summary>
    public EgressPolicy? Egress { get; init; }

    /// <summary>What the kernel is to limit; null where nothing is, or the hypervisor does.</summary>
    public RateLimit? RateLimit { get; init; }

    /// <summary>How the guest is reached from outside; null where it is not.</summary>
    public ExternalAccess? External { get; init; }

    /// <summary>
    /// The guest's own IPv6 address as the kernel has it: routed to its TAP. Nothing of IPv6 goes over the bridge.
    /// </summary>
    internal Ipv6Address? RoutedIpv6 => Mode == NetworkMode.Routed ? External?.Ipv6 : null;

    /// <summary>
    /// Whether a guest with an IPv6 address is told of its router and its /64 by advertisements (RFC 4861), so that it makes
    /// the address by itself.
    /// </summary>
    public bool AdvertisesRouter { get; init; }

    /// <summary>The IPv6 name servers that advertisements tell of.</summary>
    public IReadOnlyList<Ipv6Address> AdvertisedResolvers { get; init; } = [];

    /// <summary>Ten characters; IFNAMSIZ allows fifteen.</summary>
    public string TapName => $"{InterfacePrefix}{Address.Value:x8}";

    /// <summary>Locally administered (02), then "fc", then the address.</summary>
    public MacAddress Mac => new((MacPrefix << 32) | Address.Value);

    /// <summary>What the guest calls itself on its link: fe80::/64 with its MAC as RFC 4291, appendix A, has it.</summary>
    public Ipv6Address LinkLocal => new(((UInt128)LinkLocalPrefix << 64) | Eui64.InterfaceId(Mac));

    /// <summary>The address of the guest that calls itself so on its link; false where none does.</summary>
    internal static bool TryReadLinkLocal(Ipv6Address linkLocal, out Ipv4Address address)
    {
        address = default;
        if (
            (ulong)(linkLocal.Value >> 64) != LinkLocalPrefix
            || !Eui64.TryReadMac((ulong)linkLocal.Value, out var mac)
            || mac.Value >> 32 != MacPrefix
        )
            return false;
        address = new Ipv4Address((uint)mac.Value);
        return true;
    }

    public const string InterfacePrefix = "fc";

    private const ulong MacPrefix = 0x02fc;
    private const ulong LinkLocalPrefix = 0xfe80_0000_0000_0000;
}
