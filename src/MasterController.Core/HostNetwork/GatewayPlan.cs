using MasterController.Linux.Addresses;
using MasterController.Linux.Netlink;

namespace MasterController.Core.HostNetwork;

/// <summary>The difference between the gateway addresses that there are and those that there should be.</summary>
/// <param name="LeftOver">Ours, that nobody desires any more.</param>
internal sealed record GatewayPlan(
    bool BringsUpLoopback,
    IReadOnlyList<Ipv4Address> Missing,
    IReadOnlyList<AddressEntry> LeftOver
)
{
    private const string Object = "address";

    internal IEnumerable<HostChange> Additions =>
        [
            .. BringsUpLoopback
                ?
                [
                    new HostChange(
                        "link",
                        HostChangeKind.Change,
                        "bring the loopback interface up",
                        "ip link set lo up"
                    ),
                ]
                : Array.Empty<HostChange>(),
            .. Missing.Select(gateway => new HostChange(
                Object,
                HostChangeKind.Add,
                $"add gateway {gateway}",
                $"ip address add {gateway}/32 dev lo label {HostNetworkMarks.AddressLabel}"
            )),
        ];

    /// <summary>The addresses, each behind the routes that the kernel takes away with it.</summary>
    internal IReadOnlyList<HostChange> Removals(NetlinkSocket netlink)
    {
        if (LeftOver.Count == 0)
            return [];
        var leaving = LeftOver.Select(entry => entry.Address).ToHashSet();
        var routes = new List<HostChange>();
        netlink.DumpRoutes(
            HostNetworkMarks.RouteProtocol,
            route =>
            {
                if (route.PreferredSource is { } source && leaving.Contains(source))
                    routes.Add(
                        new HostChange(
                            "route",
                            HostChangeKind.Remove,
                            $"remove the route to {route.Destination.Address}, which goes with its source {source}",
                            $"ip route delete {route.Destination} proto {HostNetworkMarks.RouteProtocol}"
                        )
                    );
            }
        );
        return
        [
            .. routes,
            .. LeftOver.Select(entry => new HostChange(
                Object,
                HostChangeKind.Remove,
                $"remove gateway {entry.Address}",
                $"ip address delete {entry.Address}/32 dev lo label {HostNetworkMarks.AddressLabel}"
            )),
        ];
    }
}
