using MasterController.Linux.Addresses;
using MasterController.Linux.Netlink;

namespace MasterController.Core.HostNetwork.Drift;

/// <summary>What the kernel should have for an attachment, and in which words what it has differs from that.</summary>
internal static class AttachmentExpectation
{
    internal const string Missing = "missing";

    /// <summary>Which parts of a TAP are wrong, without its route and neighbour entry.</summary>
    internal static AttachmentParts Compare(LinkEntry link, Attachment wanted)
    {
        var wrong = AttachmentParts.None;
        if (!IsRightLink(link))
            wrong |= AttachmentParts.Link;
        if (!HasRightSettings(link, wanted))
            wrong |= AttachmentParts.Settings;
        if (link.Tap is not { VnetHeader: true, Persistent: true } tap || tap.OwnerUid != wanted.OwnerUid)
            wrong |= AttachmentParts.Tap;
        if (!IsRightlyPlaced(link, wanted))
            wrong |= AttachmentParts.Bridge;
        return wrong;
    }

    /// <summary>Whether it is a port, or none, as the attachment's mode has it.</summary>
    internal static bool IsRightlyPlaced(LinkEntry link, Attachment wanted) =>
        (link.Master != 0) == (wanted.Mode == NetworkMode.Bridge);

    internal static bool IsRightLink(LinkEntry link) =>
        link is { IsUp: true, Group: HostNetworkMarks.LinkGroup } && link.Mac == HostNetworkMarks.RouterMac;

    internal static bool HasRightSettings(LinkEntry link, Attachment wanted) =>
        link is { Forwarding: true, ProxyArp: true, ReversePathFilter: 1 }
        && (
            wanted.RoutedIpv6 is null
                ? !link.HasIpv6
                : link is { HasIpv6: true, AddressGeneration: LinkEntry.NoAddressGeneration, AcceptRa: 0 }
        );

    internal static bool IsRight(RouteEntry route, int index, Attachment wanted, Ipv4Address? fallbackSource) =>
        route is { Type: RouteEntry.Unicast, Priority: 0, Protocol: HostNetworkMarks.RouteProtocol }
        && route.Destination == new Ipv4Network(wanted.Address, 32)
        && route.Index == index
        && route.PreferredSource == (wanted.Gateway ?? fallbackSource);

    internal static bool IsRight(NeighbourEntry neighbour, Attachment wanted) =>
        neighbour.IsPermanent && neighbour.Mac == wanted.Mac;

    internal static bool IsRightGateway(Ipv6AddressEntry address) =>
        address is { PrefixLength: 128, MakesRoute: false };

    internal static bool IsRight(Ipv6RouteEntry route, int index) =>
        route
            is {
                Type: RouteEntry.Unicast,
                Priority: Ipv6RouteEntry.DefaultPriority,
                Protocol: HostNetworkMarks.RouteProtocol,
                Destination.PrefixLength: 128
            }
        && route.Index == index;

    internal static bool IsRight(Ipv6NeighbourEntry neighbour, Attachment wanted) =>
        neighbour.IsPermanent && neighbour.Mac == wanted.Mac;

    /// <summary>Whether a route leads to the one-to-one address as it should; that it is the address's is known.</summary>
    internal static bool IsRightPublic(RouteEntry route, int index, Attachment wanted, Ipv4Address? fallbackSource) =>
        route
            is {
                Type: RouteEntry.Unicast,
                Priority: 0,
                Protocol: HostNetworkMarks.RouteProtocol,
                Destination.PrefixLength: 32,
                Table: RouteEntry.MainTable
            }
        && route.Index == index
        && route.PreferredSource == (wanted.Gateway ?? fallbackSource);

    internal static string LinkText => $"up, address {HostNetworkMarks.RouterMac}, group {HostNetworkMarks.LinkGroup}";

    internal static string Describe(LinkEntry link) =>
        $"{(link.IsUp ? "up" : "down")}, address {link.Mac?.ToString() ?? "none"}, group {link.Group}";

    internal static string SettingsText(Attachment wanted) =>
        "forwarding=1 proxy_arp=1 rp_filter=1 proxy_delay=0 "
        + (
            wanted.RoutedIpv6 is null
                ? "disable_ipv6=1"
                : $"disable_ipv6=0 addr_gen_mode={LinkEntry.NoAddressGeneration} accept_ra=0"
        );

    internal static string DescribeSettings(LinkEntry link, long? proxyDelay) =>
        $"forwarding={Digit(link.Forwarding)} proxy_arp={Digit(link.ProxyArp)} rp_filter={link.ReversePathFilter} "
        + $"proxy_delay={proxyDelay?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "?"} "
        + $"disable_ipv6={Digit(!link.HasIpv6)}"
        + (link.HasIpv6 ? $" addr_gen_mode={link.AddressGeneration} accept_ra={link.AcceptRa}" : "");

    internal static string TapText(Attachment wanted) => $"a persistent TAP of user {wanted.OwnerUid} with vnet_hdr";

    internal static string DescribeTap(LinkEntry link) =>
        link.Tap is not { } tap
            ? "no TAP"
            : $"{(tap.Persistent ? "a persistent TAP" : "a TAP that ends with its process")} of "
                + $"{(tap.OwnerUid is { } uid ? $"user {uid}" : "nobody")}{(tap.VnetHeader ? " with" : " without")} vnet_hdr";

    internal static string RouteText(Attachment wanted, Ipv4Address? fallbackSource) =>
        $"dev {wanted.TapName} src {wanted.Gateway ?? fallbackSource} proto {HostNetworkMarks.RouteProtocol}";

    internal static string NeighbourText(Attachment wanted) => $"lladdr {wanted.Mac} permanent";

    internal static string Describe(NeighbourEntry neighbour) => Describe(neighbour.Mac, neighbour.IsPermanent);

    internal static string Describe(MacAddress? mac, bool isPermanent) =>
        $"lladdr {mac?.ToString() ?? "none"}{(isPermanent ? " permanent" : ", not permanent")}";

    private static char Digit(bool value) => value ? '1' : '0';
}
