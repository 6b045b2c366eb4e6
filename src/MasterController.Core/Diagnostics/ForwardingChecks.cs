using MasterController.Core.HostNetwork;

namespace MasterController.Core.Diagnostics;

/// <summary>Whether the kernel forwards guests' packets, and how much it can keep in mind of them.</summary>
internal static class ForwardingChecks
{
    public static readonly string[] Codes = ["ip-forward", "arp-ignore", "neighbour-table", "conntrack-table"];

    /// <summary>A thousand VMs with some sixty connections each.</summary>
    private const long EnoughConnections = 65_536;

    /// <summary>A table that is fuller than this is soon full.</summary>
    private const double NearlyFull = 0.75;

    /// <param name="running">Whether the controller runs: it switches forwarding on by itself at its start.</param>
    public static IReadOnlyList<Finding> Check(HostNetworkFacts facts, bool running) =>
        [
            Forwarding(facts.Forwarding, running),
            ArpIgnore(facts.ArpIgnore),
            Neighbours(facts.NeighbourEntries, facts.NeighbourThresholds?[^1]),
            Conntrack(facts.ConntrackCount ?? 0, facts.ConntrackMax),
        ];

    private static Finding Forwarding(bool on, bool running) =>
        (on, running) switch
        {
            (true, _) => Finding.Pass("ip-forward", "IPv4 forwarding is on"),
            (_, true) => Finding.Fail(
                "ip-forward",
                "IPv4 forwarding was switched off under the controller: guests reach nothing",
                "restart the controller, or: sysctl -w net.ipv4.ip_forward=1"
            ),
            _ => Finding.Warn(
                "ip-forward",
                "IPv4 forwarding is off; the controller switches it on when it starts",
                "sysctl -w net.ipv4.ip_forward=1"
            ),
        };

    private static Finding ArpIgnore(long? value) =>
        value switch
        {
            null => Finding.Skip("arp-ignore", "net.ipv4.conf.all.arp_ignore cannot be read"),
            0 => Finding.Pass("arp-ignore", "the kernel answers ARP for gateways"),
            _ => Finding.Warn(
                "arp-ignore",
                $"arp_ignore is {value}: guests get no answer when they ask for their gateway",
                "sysctl -w net.ipv4.conf.all.arp_ignore=0 net.ipv4.conf.default.arp_ignore=0"
            ),
        };

    private static Finding Neighbours(int entries, long? limit) =>
        limit switch
        {
            null => Finding.Skip("neighbour-table", "net.ipv4.neigh.default.gc_thresh3 cannot be read"),
            _ when entries > limit * NearlyFull => Finding.Warn(
                "neighbour-table",
                $"{entries} of {limit} neighbour entries are taken: when all are, new neighbours cannot be reached",
                $"sysctl -w net.ipv4.neigh.default.gc_thresh3={limit * 4}"
            ),
            _ => Finding.Pass("neighbour-table", $"{entries} of {limit} neighbour entries are taken; VMs take none"),
        };

    private static Finding Conntrack(long count, long? limit) =>
        limit switch
        {
            null => Finding.Skip("conntrack-table", "nf_conntrack is not loaded yet"),
            < EnoughConnections => Finding.Warn(
                "conntrack-table",
                $"{limit} connections can be tracked, for all VMs together",
                "sysctl -w net.netfilter.nf_conntrack_max=262144"
            ),
            _ when count > limit * NearlyFull => Finding.Warn(
                "conntrack-table",
                $"{count} of {limit} tracked connections are taken: when all are, new ones are dropped",
                $"sysctl -w net.netfilter.nf_conntrack_max={limit * 4}"
            ),
            _ => Finding.Pass("conntrack-table", $"{count} of {limit} tracked connections are taken"),
        };
}
