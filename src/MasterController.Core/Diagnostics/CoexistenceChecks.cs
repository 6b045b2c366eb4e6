using MasterController.Core.HostNetwork;
using MasterController.Linux.Addresses;

namespace MasterController.Core.Diagnostics;

/// <summary>Whether pools and VMs' traffic get along with what else is on the host.</summary>
internal static class CoexistenceChecks
{
    public static readonly string[] Codes = ["uplink", "pool-overlap", "forward-drop", "legacy-iptables"];

    /// <param name="pools">The networks of all pools, by pool name.</param>
    /// <param name="uplink">The configured one; the default route's when null.</param>
    public static IReadOnlyList<Finding> Check(
        HostNetworkFacts facts,
        IReadOnlyList<(string Pool, Ipv4Network Network)> pools,
        string? uplink
    ) =>
        [
            Uplink(uplink ?? facts.Uplink),
            Overlap(facts.Overlaps, pools),
            ForwardDrop(facts),
            LegacyIptables(facts.LegacyIptablesTables),
        ];

    private static Finding Uplink(string? uplink) =>
        uplink is null
            ? Finding.Warn(
                "uplink",
                "there is no default route: guests reach the host and nothing else",
                "name the interface that leads out: network.uplink"
            )
            : Finding.Pass("uplink", $"{uplink} leads out");

    private static Finding Overlap(
        IReadOnlyList<NetworkOverlap> overlaps,
        IReadOnlyList<(string Pool, Ipv4Network Network)> pools
    ) =>
        overlaps.Count == 0
            ? Finding.Pass("pool-overlap", "no pool overlaps with a route or an address of the host")
            : Finding.Fail(
                "pool-overlap",
                "overlapping: " + string.Join("; ", overlaps.Select(o => Describe(o, pools))),
                "choose another network: pool.default.cidr, or POST /api/v1/pools"
            );

    private static string Describe(NetworkOverlap overlap, IReadOnlyList<(string Pool, Ipv4Network Network)> pools)
    {
        var names = pools.Where(p => p.Network == overlap.PoolNetwork).Select(p => p.Pool).Distinct();
        return $"{overlap.PoolNetwork} (pool {string.Join(", ", names)}) and {overlap.Other} ({overlap.What})";
    }

    private static Finding ForwardDrop(HostNetworkFacts facts) =>
        facts switch
        {
            { NftablesProblem: not null } => Finding.Skip("forward-drop", "the rules of others cannot be read"),
            { ForwardDropChains: [] } => Finding.Pass("forward-drop", "no rules of others drop forwarded packets"),
            _ => Finding.Warn(
                "forward-drop",
                $"forwarded packets are dropped by {string.Join(", ", facts.ForwardDropChains)}; "
                    + "our rules cannot override that",
                "let the pools through there (Docker: chain DOCKER-USER; UFW: ufw route allow)"
            ),
        };

    private static Finding LegacyIptables(IReadOnlyList<string>? tables) =>
        tables switch
        {
            null => Finding.Skip("legacy-iptables", "only root may read which tables there are"),
            [] => Finding.Pass("legacy-iptables", "no tables of the old iptables"),
            _ => Finding.Warn(
                "legacy-iptables",
                $"the old iptables has the tables {string.Join(", ", tables)}: their rules apply to guests as well, and "
                    + "\"forward-drop\" does not see them",
                "move the rules to nftables: iptables-legacy-save | iptables-nft-restore; then reboot"
            ),
        };
}
