using MasterController.Core.HostNetwork.Survey;
using MasterController.Linux.Netlink;
using MasterController.Linux.Nftables;

namespace MasterController.Core.HostNetwork.Drift;

/// <summary>What of others stands in guests' way. It is named, and never touched.</summary>
internal static class ForeignDifferences
{
    private const string Unknown = "another program";

    /// <summary>Settings of all interfaces that outdo those of a TAP.</summary>
    internal static IEnumerable<Difference> OfSettings()
    {
        if (HostNetworkFacts.ReadArpIgnore() is > 0 and var ignore)
            yield return Foreign(
                new(DriftObject.Sysctl, "net.ipv4.conf.all.arp_ignore", "0", $"{ignore}")
                {
                    Advice =
                        "guests get no answer when they ask for their gateway: "
                        + "sysctl -w net.ipv4.conf.all.arp_ignore=0 net.ipv4.conf.default.arp_ignore=0",
                }
            );
        // The greater of both counts, and loose is the greater (ip-sysctl, rp_filter).
        if (Sysctl.Read("net/ipv4/conf/all/rp_filter") is > 1 and var filter)
            yield return Foreign(
                new(DriftObject.Sysctl, "net.ipv4.conf.all.rp_filter", "0 or 1", $"{filter}")
                {
                    Advice =
                        "a guest's ARP with another's address is believed: sysctl -w net.ipv4.conf.all.rp_filter=1",
                }
            );
    }

    /// <summary>Rules that drop what ours let through.</summary>
    internal static IEnumerable<Difference> OfRules(NftablesContext nftables)
    {
        foreach (var chain in HostNetworkFacts.ReadForwardDropChains(nftables))
            yield return Foreign(
                new(DriftObject.Nftables, chain, "policy accept on the forward hook", "policy drop")
                {
                    Advice = "let the pools through there (Docker: chain DOCKER-USER; UFW: ufw route allow)",
                },
                ProgramOf(chain)
            );
        foreach (var table in HostNetworkFacts.ReadLegacyTables() ?? [])
            yield return Foreign(
                new(DriftObject.Iptables, $"legacy table {table}", "none", "there")
                {
                    Advice = "its rules apply to guests as well: iptables-legacy -S shows them",
                },
                "iptables-legacy"
            );
    }

    internal static IEnumerable<Difference> OfNetworks(
        IReadOnlyList<HostNetworkOfOthers> hosts,
        IReadOnlyList<PoolNetwork> networks
    ) =>
        from network in networks.Select(network => network.Network).Distinct()
        from host in hosts
        where network.Overlaps(host.Network)
        select Foreign(
            new(
                host.IsAddress ? DriftObject.Address : DriftObject.Route,
                $"{host.Network} {(host.IsAddress ? "on" : "through")} {host.Interface ?? "no interface"}"
                    + (host.Table is { } table ? $" in table {table}" : ""),
                $"none in {network}",
                host.What
            )
            {
                Advice = "it leads addresses of the pool elsewhere, unless a VM has them",
            },
            host.Owner
        );

    internal static Difference OfNamesake(LinkEntry link) =>
        Foreign(
            new(
                DriftObject.Link,
                link.Name,
                $"a TAP of group {HostNetworkMarks.LinkGroup}",
                $"{link.Kind ?? "hardware"}, group {link.Group}"
            )
            {
                Advice = "a VM with this address cannot be attached while it bears the name",
            }
        );

    /// <summary>The programs that name their tables and chains so.</summary>
    internal static string? ProgramOf(string chain) =>
        chain switch
        {
            _ when chain.Contains("firewalld", StringComparison.Ordinal) => "firewalld",
            _ when chain.Contains("docker", StringComparison.OrdinalIgnoreCase) => "Docker",
            _ when chain.Contains("ufw", StringComparison.Ordinal) => "UFW",
            _ when chain.Contains("libvirt", StringComparison.Ordinal) => "libvirt",
            // Whoever set the policy of iptables' own chain has left no name there.
            "ip filter FORWARD" => "iptables (Docker, UFW or by hand)",
            _ => null,
        };

    private static Difference Foreign(Difference difference, string? owner = null) =>
        difference with
        {
            Owner = owner ?? Unknown,
            Scope = difference.Object is DriftObject.Sysctl or DriftObject.Nftables or DriftObject.Iptables
                ? ObservationScope.Host
                : ObservationScope.All,
        };
}
