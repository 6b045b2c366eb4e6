using MasterController.Linux.Addresses;
using MasterController.Linux.Netlink;

namespace MasterController.Core.HostNetwork.Dedicated;

/// <summary>What is on the uplink's link: read at a constant price, since the kernel leaves out other interfaces' routes.</summary>
/// <param name="Ipv6">Networks whose addresses are asked for on the link, the link-local one left out.</param>
/// <param name="OwnIpv6">The host's addresses there.</param>
/// <param name="RoutersIpv6">Gateways of its routes.</param>
/// <param name="HasDefaultRoute">Whether IPv6 leads out of it to everywhere.</param>
internal sealed record UplinkNetworks(
    string Name,
    IReadOnlyList<Ipv6Network> Ipv6,
    IReadOnlyList<Ipv6Address> OwnIpv6,
    IReadOnlyList<Ipv6Address> RoutersIpv6,
    bool HasDefaultRoute,
    IReadOnlyList<Ipv4Network> Ipv4,
    IReadOnlyList<Ipv4Address> OwnIpv4,
    IReadOnlyList<Ipv4Address> RoutersIpv4
)
{
    private static readonly Ipv6Network LinkLocal = Ipv6Network.Parse("fe80::/10");

    /// <param name="hasIpv6">Whether the kernel has it.</param>
    internal static UplinkNetworks Read(NetlinkSocket netlink, LinkEntry uplink, bool hasIpv6)
    {
        var networks = new HashSet<Ipv4Network>();
        var own = new List<Ipv4Address>();
        var routers = new HashSet<Ipv4Address>();
        netlink.DumpAddresses(
            uplink.Index,
            entry =>
            {
                own.Add(entry.Address);
                networks.Add(Ipv4Network.Of(entry.Address, entry.PrefixLength));
            }
        );
        netlink.DumpRoutes(
            protocol: 0,
            route =>
            {
                if (route.Gateway is { } gateway)
                    routers.Add(gateway);
                else if (
                    route is { Type: RouteEntry.Unicast, Destination.PrefixLength: > 0 }
                    && IsOfOthers(route.Protocol)
                )
                    networks.Add(route.Destination);
            },
            uplink.Index
        );
        var networks6 = new HashSet<Ipv6Network>();
        var own6 = new List<Ipv6Address>();
        var routers6 = new HashSet<Ipv6Address>();
        var hasDefault = false;
        if (hasIpv6)
        {
            netlink.DumpIpv6Addresses(
                uplink.Index,
                entry =>
                {
                    if (LinkLocal.Contains(entry.Address))
                        return;
                    own6.Add(entry.Address);
                    if (entry.MakesRoute)
                        networks6.Add(Ipv6Network.Of(entry.Address, entry.PrefixLength));
                }
            );
            netlink.DumpIpv6Routes(
                protocol: 0,
                route =>
                {
                    hasDefault |= route is { Type: RouteEntry.Unicast, Destination.PrefixLength: 0 };
                    if (route.Gateway is { } gateway)
                        routers6.Add(gateway);
                    else if (
                        route is { Type: RouteEntry.Unicast, IsOfAddress: false, Destination.PrefixLength: > 0 }
                        && IsOfOthers(route.Protocol)
                        && !LinkLocal.Contains(route.Destination.Address)
                    )
                        networks6.Add(route.Destination);
                },
                uplink.Index
            );
        }
        return new UplinkNetworks(
            uplink.Name,
            [.. networks6.OrderBy(network => network.PrefixLength)],
            own6,
            [.. routers6],
            hasDefault,
            [.. networks.OrderBy(network => network.PrefixLength)],
            own,
            [.. routers]
        );
    }

    /// <summary>
    /// How a prefix gets here, and what says so: routers ask on the link for the addresses of a network that is on it, and
    /// send a network that is not to whom it was given.
    /// </summary>
    /// <param name="wish">What the operator knows; it is not doubted.</param>
    internal (PrefixDelivery Delivery, string Why) DeliveryOf(Ipv6Network prefix, PrefixDelivery? wish)
    {
        var on = Ipv6.Where(network => network.Contains(prefix)).Cast<Ipv6Network?>().LastOrDefault();
        return (wish, on) switch
        {
            ({ } wished, _) => (wished, "external.ipv6_delivery says so"),
            (_, { } network) => (
                PrefixDelivery.OnLink,
                $"{Name} has {network} on its link, {(network == prefix ? "which is the prefix" : "and the prefix in it")}: "
                    + "routers there ask for each address"
            ),
            _ => (
                PrefixDelivery.Routed,
                $"no network on {Name}'s link has {prefix} in it: it gets here only if it is routed to this host"
            ),
        };
    }

    private static bool IsOfOthers(byte protocol) => protocol != HostNetworkMarks.RouteProtocol;
}
