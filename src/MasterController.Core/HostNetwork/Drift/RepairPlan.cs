using MasterController.Core.HostNetwork.Bridges;
using MasterController.Linux.Addresses;

namespace MasterController.Core.HostNetwork.Drift;

/// <summary>What a repair does to an attachment, as a person would type it.</summary>
internal static class RepairPlan
{
    /// <param name="attachment">The one that the difference is about; null where none is desired.</param>
    internal static IEnumerable<HostChange> Of(
        Difference difference,
        Attachment? attachment,
        Ipv4Address? fallbackSource
    ) =>
        (difference, attachment) switch
        {
            ({ OrphanOn: not null }, _) => [Removal(difference)],
            (_, null) => [],
            ({ Object: DriftObject.Tap, Found: AttachmentExpectation.Missing }, { } wanted) =>
            [
                Creation(wanted),
                Link(wanted),
                Settings(wanted),
                .. wanted.Mode == NetworkMode.Bridge
                    ? [Place(wanted)]
                    : (HostChange[])[Route(wanted, fallbackSource), Neighbour(wanted)],
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
                + $"{neighbours}.proxy_delay=0 net.ipv6.conf.{wanted.TapName}.disable_ipv6=1"
        );
    }

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
}
