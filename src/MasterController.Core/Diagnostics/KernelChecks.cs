using System.Globalization;
using MasterController.Linux;

namespace MasterController.Core.Diagnostics;

/// <param name="NeighbourLimit">net.ipv4.neigh.default.gc_thresh3: neighbour entries there can be (arp(7)).</param>
/// <param name="ConntrackLimit">net.netfilter.nf_conntrack_max; null while the module is not loaded.</param>
/// <param name="CgroupControllers">Of cgroup v2; null where /sys/fs/cgroup is not v2.</param>
/// <param name="ClockSynchronised">As the kernel has it (adjtimex(2)); null where it cannot be asked.</param>
public sealed record KernelFacts(
    bool? Ipv4Forwarding,
    long? NeighbourLimit,
    long? ConntrackLimit,
    IReadOnlyList<string>? CgroupControllers,
    bool? ClockSynchronised
)
{
    /// <param name="root">Holds proc and sys; another one in tests.</param>
    public static KernelFacts Read(string root = "/") =>
        new(
            Number(Path.Combine(root, "proc/sys/net/ipv4/ip_forward")) is { } forward ? forward != 0 : null,
            Number(Path.Combine(root, "proc/sys/net/ipv4/neigh/default/gc_thresh3")),
            Number(Path.Combine(root, "proc/sys/net/netfilter/nf_conntrack_max")),
            Text(Path.Combine(root, "sys/fs/cgroup/cgroup.controllers"))?.Split(' '),
            SystemClock.IsSynchronised()
        );

    private static long? Number(string path) =>
        long.TryParse(Text(path), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    private static string? Text(string path)
    {
        try
        {
            return File.ReadAllText(path).Trim();
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}

/// <summary>Kernel settings and limits.</summary>
public static class KernelChecks
{
    /// <summary>What cgroup v2 has to offer for a VM's limits.</summary>
    private static readonly string[] NeededControllers = ["cpu", "memory", "pids"];

    /// <summary>The kernel's default of gc_thresh3; a host with many uplink neighbours or VMs runs out of it.</summary>
    private const long DefaultNeighbours = 1024;

    /// <summary>A thousand VMs with some sixty connections each.</summary>
    private const long EnoughConnections = 65_536;

    /// <param name="routed">In mode "none" forwarding and tables do not matter.</param>
    /// <param name="applied">Whether the controller runs: it switches forwarding on by itself at its start.</param>
    public static IReadOnlyList<Finding> Check(KernelFacts facts, bool routed, bool applied) =>
        [
            Forwarding(facts.Ipv4Forwarding, routed, applied),
            Neighbours(facts.NeighbourLimit, routed),
            Conntrack(facts.ConntrackLimit, routed),
            Cgroups(facts.CgroupControllers),
            Clock(facts.ClockSynchronised),
        ];

    private static Finding Forwarding(bool? on, bool routed, bool applied) =>
        (on, routed, applied) switch
        {
            (_, false, _) => Finding.Skip("ip-forward", "network.mode is none"),
            (true, _, _) => Finding.Pass("ip-forward", "IPv4 forwarding is on"),
            (null, _, _) => Finding.Skip("ip-forward", "net.ipv4.ip_forward cannot be read"),
            (false, _, true) => Finding.Fail(
                "ip-forward",
                "IPv4 forwarding was switched off under the controller: guests reach nothing",
                "restart the controller, or: sysctl -w net.ipv4.ip_forward=1"
            ),
            (false, _, false) => Finding.Warn(
                "ip-forward",
                "IPv4 forwarding is off; the controller switches it on when it starts",
                "sysctl -w net.ipv4.ip_forward=1"
            ),
        };

    private static Finding Neighbours(long? limit, bool routed) =>
        (limit, routed) switch
        {
            (_, false) => Finding.Skip("neighbour-table", "network.mode is none"),
            (null, _) => Finding.Skip("neighbour-table", "net.ipv4.neigh.default.gc_thresh3 cannot be read"),
            (<= DefaultNeighbours, _) => Finding.Warn(
                "neighbour-table",
                $"the neighbour table holds {limit} entries; every VM has one",
                "sysctl -w net.ipv4.neigh.default.gc_thresh3=65536"
            ),
            _ => Finding.Pass("neighbour-table", $"the neighbour table holds {limit} entries"),
        };

    private static Finding Conntrack(long? limit, bool routed) =>
        (limit, routed) switch
        {
            (_, false) => Finding.Skip("conntrack-table", "network.mode is none"),
            (null, _) => Finding.Skip("conntrack-table", "nf_conntrack is not loaded yet"),
            (< EnoughConnections, _) => Finding.Warn(
                "conntrack-table",
                $"{limit} connections can be tracked, for all VMs together",
                "sysctl -w net.netfilter.nf_conntrack_max=262144"
            ),
            _ => Finding.Pass("conntrack-table", $"{limit} connections can be tracked"),
        };

    private static Finding Cgroups(IReadOnlyList<string>? controllers)
    {
        const string Code = "cgroup-v2";
        if (controllers is null)
            return Finding.Warn(
                Code,
                "cgroup v2 is not mounted at /sys/fs/cgroup: VMs run without limits of their own",
                "boot with systemd.unified_cgroup_hierarchy=1"
            );
        var missing = NeededControllers.Except(controllers).ToArray();
        return missing.Length == 0
            ? Finding.Pass(Code, "cgroup v2 with cpu, memory and pids")
            : Finding.Warn(
                Code,
                $"cgroup v2 lacks {string.Join(", ", missing)}: VMs run without these limits",
                "set Delegate=yes in the controller's unit"
            );
    }

    private static Finding Clock(bool? synchronised) =>
        synchronised switch
        {
            true => Finding.Pass("clock", "the clock is synchronised"),
            null => Finding.Skip("clock", "the kernel does not say"),
            false => Finding.Warn(
                "clock",
                "the clock is not synchronised: times of events and cool-downs may jump",
                "apt-get install systemd-timesyncd"
            ),
        };
}
