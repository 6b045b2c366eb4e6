using MasterController.Core.HostNetwork.Bridges;
using MasterController.Core.HostNetwork.Dedicated;
using MasterController.Linux.Addresses;

namespace MasterController.Core.HostNetwork.Drift;

/// <summary>What a repair does to an attachment, as a person would type it.</summary>
internal static class RepairPlan
{
    /// <param name="attachment">The one that the difference is about; null where none is desired.</param>
    internal static IEnumerable<HostChange> Of(
        Difference difference,
        Attachment? attachment,
        Ipv4Address? fallbackSource,
        DedicatedUplink uplink
    ) =>
        (difference, attachment) switch
        {
            ({ OrphanOn: not null }, _) => [Removal(difference)],
            (_, null) => [],
            ({ Dedicated: { } entry }, { } wanted) => [entry.Addition(wanted, uplink, fallbackSource)],
            ({ Object: DriftObject.Tap, Found: AttachmentExpectation.Missing }, { } wanted) =>
            [
                Creation(wanted),
                Link(wanted),
                Settings(wanted),
                .. wanted.Mode == NetworkMode.Bridge
                    ? [Place(wanted)]
                    : (HostChange[])[Route(wanted, fallbackSource), Neighbour(wanted)],
                .. DedicatedEntry.Of(wanted, uplink).Select(entry => entry.Addition(wanted, uplink, fallbackSource)),
            ],
            ({ Object: DriftObject.Tap }, { } wanted) => [Owner(wanted)],
            ({ Object: DriftObject.Link }, { } wanted) => [Link(wanted)],
            ({ Object: DriftObject.Sysctl }, { } wanted) => [Settings(wanted)],
            ({ Object: DriftObject.Route }, { } wanted) => [Route(wanted, fallbackSource)],
            ({ Object: DriftObject.Bridge }, { } wanted) => [Place(wanted)],
            (_, { } wanted) => [Neighbour(wanted)],
        };

    private static HostChange Creation(Attachment wanted) =>
        new("link", HostChangeKind.Add, $"make the TAP {wanted.TapName}", $"ip tuntap add {TapWords(wanted)}");

    private static HostChange Owner(Attachment wanted) =>
        new(
            "link",
            HostChangeKind.Change,
            $"make user {wanted.OwnerUid} the owner of the TAP {wanted.TapName}",
            $"ip tuntap add {TapWords(wanted)}"
        );

    private static string TapWords(Attachment wanted) =>
        $"dev {wanted.TapName} mode tap user {wanted.OwnerUid} vnet_hdr";

    private static HostChange Link(Attachment wanted) =>
        new(
            "link",
            HostChangeKind.Change,
            $"bring {wanted.TapName} up as it should be",
            $"ip link set dev {wanted.TapName} address {HostNetworkMarks.RouterMac} group {HostNetworkMarks.LinkGroup} up"
        );

    private static HostChange Settings(Attachment wanted)
    {
        var (interfaces, neighbours) = ($"net.ipv4.conf.{wanted.TapName}", $"net.ipv4.neigh.{wanted.TapName}");
        return new(
            "sysctl",
            HostChangeKind.Change,
            $"replace settings of {wanted.TapName}",
            $"sysctl -w {interfaces}.forwarding=1 {interfaces}.proxy_arp=1 {interfaces}.rp_filter=1 "
                + $"{neighbours}.proxy_delay=0 {Ipv6Settings(wanted.TapName, wanted.RoutedIpv6 is not null)}"
        );
    }

    /// <summary>What sysctl would be told of a TAP.</summary>
    internal static string Ipv6Settings(string tap, bool on) =>
        on
            ? $"net.ipv6.conf.{tap}.addr_gen_mode=1 net.ipv6.conf.{tap}.accept_ra=0 net.ipv6.conf.{tap}.disable_ipv6=0"
            : $"net.ipv6.conf.{tap}.disable_ipv6=1";

    private static HostChange Route(Attachment wanted, Ipv4Address? fallbackSource) =>
        new(
            "route",
            HostChangeKind.Change,
            $"replace the route to {wanted.Address}",
            $"ip route replace {wanted.Address} {AttachmentExpectation.RouteText(wanted, fallbackSource)}"
        );

    private static HostChange Place(Attachment wanted) =>
        wanted.Mode == NetworkMode.Bridge
            ? new(
                "bridge",
                HostChangeKind.Change,
                $"make {wanted.TapName} a port of {GuestBridge.Name} as it should be",
                $"ip link set dev {wanted.TapName} master {GuestBridge.Name}; bridge fdb replace {wanted.Mac} dev {wanted.TapName} master static"
            )
            : new(
                "bridge",
                HostChangeKind.Change,
                $"make {wanted.TapName} a port of no bridge",
                $"ip link set dev {wanted.TapName} nomaster"
            );

    private static HostChange Neighbour(Attachment wanted) =>
        new(
            "neighbour",
            HostChangeKind.Change,
            $"replace the neighbour entry of {wanted.Address}",
            $"ip neighbour replace {wanted.Address} lladdr {wanted.Mac} dev {wanted.TapName} nud permanent"
        );

    private static HostChange Removal(Difference difference)
    {
        // Its name ends with the interface's, but for a route's: then the kernel needs none.
        if (difference.Dedicated is { } entry)
            return entry.Removal(LinkIn(difference.Name));
        var address = difference.Address!.Value;
        return difference.Object switch
        {
            DriftObject.Tap => new(
                "link",
                HostChangeKind.Remove,
                $"remove {difference.Name}, which no attachment uses",
                $"ip link delete dev {difference.Name}"
            ),
            DriftObject.Route => new(
                "route",
                HostChangeKind.Remove,
                $"remove the route to {address}, where no attachment is",
                $"ip route delete {address} proto {HostNetworkMarks.RouteProtocol}"
            ),
            DriftObject.Bridge => BridgeOrphan.Repair(difference),
            _ => new(
                "neighbour",
                HostChangeKind.Remove,
                $"remove the neighbour entry of {address}, which is not its TAP's",
                $"ip neighbour delete {difference.Name}"
            ),
        };
    }

    private static string? LinkIn(string name) =>
        name.LastIndexOf(" dev ", StringComparison.Ordinal) is >= 0 and var at ? name[(at + 5)..] : null;
}
