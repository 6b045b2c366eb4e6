using System.Text.Json;
using MasterController.Core.HostNetwork.Dedicated;
using MasterController.Core.HostNetwork.Survey;
using MasterController.Linux.Addresses;
using MasterController.Linux.Namespaces;
using MasterController.Linux.Netlink;
using MasterController.Linux.Nftables;

namespace MasterController.Core.HostNetwork;

/// <summary>
/// What the host's network is like, read and not changed: for checks before and beside the work of
/// <see cref="RoutedHostNetwork"/>. Null means that the kernel does not say.
/// </summary>
/// <param name="Uplink">The interface that the default route leads out of; null where there is none.</param>
/// <param name="ForwardDropChains">
/// Others' nftables chains on the forward hook whose policy is drop, as "ip filter FORWARD". An accept of ours cannot
/// overrule them.
/// </param>
/// <param name="LegacyIptablesTables">
/// Tables of the old iptables, whose rules nftables does not list; null for who may not read them.
/// </param>
/// <param name="ArpIgnore">
/// net.ipv4.conf.all.arp_ignore or that of new interfaces, the greater, which is what counts; above 0 the gateway on the
/// loopback interface answers no ARP.
/// </param>
/// <param name="NeighbourThresholds">gc_thresh1 to gc_thresh3 of IPv4, entries.</param>
/// <param name="NeighbourEntries">
/// Those that count against the thresholds: permanent entries, which VMs have, do not (net/core/neighbour.c, Linux 5.0).
/// </param>
/// <param name="TunProblem">Why /dev/net/tun cannot be opened; null where it can.</param>
/// <param name="NftablesProblem">Why nftables cannot be used; null where it can.</param>
public sealed record HostNetworkFacts(
    bool Forwarding,
    string? Uplink,
    IReadOnlyList<NetworkOverlap> Overlaps,
    IReadOnlyList<string> ForwardDropChains,
    IReadOnlyList<string>? LegacyIptablesTables,
    long? ArpIgnore,
    IReadOnlyList<long>? NeighbourThresholds,
    int NeighbourEntries,
    long? ConntrackMax,
    long? ConntrackCount,
    string? TunProblem,
    string? NftablesProblem
)
{
    /// <summary>Reads everything in a namespace, or in the calling thread's.</summary>
    /// <param name="networks">Those of the pools, to be compared with the host's.</param>
    /// <exception cref="HostNetworkException">Netlink does not answer, or the namespace cannot be entered.</exception>
    public static HostNetworkFacts Read(string? namespacePath, IReadOnlyList<Ipv4Network> networks)
    {
        try
        {
            if (namespacePath is null)
                return ReadHere(networks, thresholds: null);
            using var space = NetworkNamespace.Open(namespacePath);
            // The thresholds are one for all namespaces, and shown in the first alone.
            var thresholds = ReadThresholds();
            return space.Run(() => ReadHere(networks, thresholds));
        }
        catch (Exception exception)
            when (exception is NetlinkException or System.ComponentModel.Win32Exception or IOException)
        {
            throw new HostNetworkException($"The host network cannot be read: {exception.Message}", exception);
        }
    }

    /// <summary>The limits that so many VMs would hit, of the calling thread's namespace.</summary>
    /// <exception cref="HostNetworkException">Netlink does not answer.</exception>
    public static IReadOnlyList<HostLimit> ReadLimits(long vms)
    {
        try
        {
            using var netlink = NetlinkSocket.Open();
            return KernelLimits.Check(KernelFigures.Read(netlink), vms);
        }
        catch (NetlinkException exception)
        {
            throw new HostNetworkException($"The kernel's limits cannot be read: {exception.Message}", exception);
        }
    }

    /// <summary>The host's side of dedicated addresses, of the calling thread's namespace.</summary>
    /// <param name="uplink">The configured one; the default route's when null.</param>
    /// <param name="pools">Networks that VMs have their own addresses from.</param>
    /// <exception cref="HostNetworkException">Netlink does not answer.</exception>
    public static ExternalSurvey ReadExternal(
        ExternalNetworks external,
        string? uplink,
        IReadOnlyList<Ipv4Network> pools
    )
    {
        try
        {
            using var netlink = NetlinkSocket.Open();
            return DedicatedSurvey.Read(
                netlink,
                HostNetworkKernel.FindIpv6(),
                external,
                uplink ?? HostSetup.FindUplink(netlink),
                pools,
                DedicatedUplink.None
            );
        }
        catch (NetlinkException exception)
        {
            throw new HostNetworkException($"Interfaces and routes cannot be read: {exception.Message}", exception);
        }
    }

    private static HostNetworkFacts ReadHere(IReadOnlyList<Ipv4Network> networks, IReadOnlyList<long>? thresholds)
    {
        using var netlink = NetlinkSocket.Open();
        var uplink = HostSetup.FindUplink(netlink);
        var (chains, problem) = ReadForwardDropChains();
        return new HostNetworkFacts(
            Sysctl.Read("net/ipv4/ip_forward") == 1,
            uplink,
            NetworkOverlap.Find(HostNetworkOfOthers.Read(netlink, uplink), networks),
            chains,
            ReadLegacyTables(),
            ReadArpIgnore(),
            ReadThresholds() ?? thresholds,
            CountNeighbours(netlink),
            Sysctl.Read("net/netfilter/nf_conntrack_max"),
            Sysctl.Read("net/netfilter/nf_conntrack_count"),
            OpenTun(),
            problem
        );
    }

    /// <summary>Those that count against the thresholds: permanent entries do not.</summary>
    internal static int CountNeighbours(NetlinkSocket netlink)
    {
        var count = 0;
        netlink.DumpNeighbours(0, entry => count += entry.IsPermanent ? 0 : 1);
        return count;
    }

    private static (IReadOnlyList<string> Chains, string? Problem) ReadForwardDropChains()
    {
        try
        {
            using var nftables = NftablesContext.Open();
            return (ReadForwardDropChains(nftables), null);
        }
        catch (NftablesException exception)
        {
            return ([], exception.Message);
        }
    }

    /// <exception cref="NftablesException">The rules cannot be listed.</exception>
    internal static IReadOnlyList<string> ReadForwardDropChains(NftablesContext nftables)
    {
        var chains = new List<string>();
        using var document = JsonDocument.Parse(nftables.List("list chains") ?? "{}"u8.ToArray());
        if (!document.RootElement.TryGetProperty("nftables", out var items))
            return chains;
        foreach (var item in items.EnumerateArray())
            if (
                item.TryGetProperty("chain", out var chain)
                && chain.TryGetProperty("hook", out var hook)
                && hook.ValueEquals("forward")
                && chain.TryGetProperty("policy", out var policy)
                && policy.ValueEquals("drop")
                && !chain.GetProperty("table").ValueEquals(HostNetworkMarks.FirewallTable)
            )
                chains.Add(
                    $"{chain.GetProperty("family").GetString()} {chain.GetProperty("table").GetString()} {chain.GetProperty("name").GetString()}"
                );
        return chains;
    }

    // Not /proc/net, which is /proc/self/net: that of the process's first thread.
    internal static string[]? ReadLegacyTables()
    {
        try
        {
            return File.ReadAllLines("/proc/thread-self/net/ip_tables_names");
        }
        catch (FileNotFoundException)
        {
            return [];
        }
        catch (UnauthorizedAccessException)
        {
            return null;
        }
    }

    internal static long? ReadArpIgnore() =>
        Sysctl.Read("net/ipv4/conf/all/arp_ignore") is { } all
        && Sysctl.Read("net/ipv4/conf/default/arp_ignore") is { } later
            ? Math.Max(all, later)
            : null;

    private static string? OpenTun()
    {
        try
        {
            using var device = File.OpenHandle(
                "/dev/net/tun",
                FileMode.Open,
                FileAccess.ReadWrite,
                FileShare.ReadWrite
            );
            return null;
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            return refused.Message;
        }
    }

    private static long[]? ReadThresholds()
    {
        var values = new long[3];
        for (var i = 0; i < values.Length; i++)
            if (Sysctl.Read($"net/ipv4/neigh/default/gc_thresh{i + 1}") is { } value)
                values[i] = value;
            else
                return null;
        return values;
    }
}
