using MasterController.Core.HostNetwork;
using MasterController.Linux.Addresses;

namespace MasterController.Core.Diagnostics;

/// <param name="PoolNetworks">The networks of all pools, by pool name.</param>
/// <param name="Uplink">The interface that leads out; null where there is none.</param>
/// <param name="ForwardDrops">
/// Base chains of others that drop forwarded packets ("ip filter FORWARD"); null where the rules cannot be read.
/// </param>
public sealed record NetworkFacts(
    IReadOnlyList<(string Pool, Ipv4Network Network)> PoolNetworks,
    IReadOnlyList<HostRoute> Routes,
    string? Uplink,
    IReadOnlyList<string>? ForwardDrops
);

/// <summary>Whether pools and VMs' traffic get along with what else is on the host.</summary>
public static class NetworkChecks
{
    public static IReadOnlyList<Finding> Check(NetworkFacts facts, bool routed) =>
        routed
            ? [Uplink(facts.Uplink), Overlap(facts), ForwardDrop(facts.ForwardDrops)]
            :
            [
                Finding.Skip("uplink", "network.mode is none"),
                Finding.Skip("pool-overlap", "network.mode is none"),
                Finding.Skip("forward-drop", "network.mode is none"),
            ];

    private static Finding Uplink(string? uplink) =>
        uplink is null
            ? Finding.Warn(
                "uplink",
                "there is no default route: guests reach the host and nothing else",
                "name the interface that leads out: network.uplink"
            )
            : Finding.Pass("uplink", $"{uplink} leads out");

    private static Finding Overlap(NetworkFacts facts)
    {
        const string Code = "pool-overlap";
        string[] overlaps =
        [
            .. from route in facts.Routes
            where !IsOurs(route)
            from pool in facts.PoolNetworks
            where pool.Network.Overlaps(route.Network)
            select $"{pool.Network} (pool {pool.Pool}) and the host's route {route.Network} dev {route.Interface}",
        ];
        return overlaps.Length == 0
            ? Finding.Pass(Code, "no pool overlaps with a route of the host")
            : Finding.Fail(
                Code,
                "overlapping: " + string.Join("; ", overlaps),
                "choose another network: pool.default.cidr, or POST /api/v1/pools"
            );
    }

    private static Finding ForwardDrop(IReadOnlyList<string>? drops)
    {
        const string Code = "forward-drop";
        return drops switch
        {
            null => Finding.Skip(Code, "the rules of others cannot be read"),
            [] => Finding.Pass(Code, "no rules of others drop forwarded packets"),
            _ => Finding.Warn(
                Code,
                $"forwarded packets are dropped by {string.Join(", ", drops)}; our rules cannot override that",
                "let the pools through there (Docker: chain DOCKER-USER; UFW: ufw route allow)"
            ),
        };
    }

    private static bool IsOurs(HostRoute route) =>
        route.Network.PrefixLength == 32
        && route.Interface == $"{Attachment.InterfacePrefix}{route.Network.Address.Value:x8}";
}
