using System.Globalization;
using MasterController.Linux.Addresses;
using MasterController.Linux.Netlink;

namespace MasterController.Core.HostNetwork.Dedicated;

/// <summary>A setting of the host that is other than dedicated addresses need it.</summary>
/// <param name="Key">With slashes.</param>
internal sealed record DedicatedSetting(string Key, int Value, long Found)
{
    /// <summary>As sysctl writes it; with slashes where an interface's name has dots of its own.</summary>
    internal string Name => Key.Contains('.', StringComparison.Ordinal) ? Key : Key.Replace('/', '.');

    internal HostChange Change =>
        new("sysctl", HostChangeKind.Change, $"make {Name} {Value}", $"sysctl -w {Name}={Value}");

    internal string FoundText => Found.ToString(CultureInfo.InvariantCulture);
}

/// <summary>
/// What the host needs once for dedicated addresses, and what of it is missing or left over. Where no prefix and no extra
/// network is configured, only left-overs are looked for.
/// </summary>
/// <param name="Settings">In the order in which they are made: none may be undone by the next.</param>
/// <param name="MissingIpv6">Networks whose addresses lead nowhere until a VM has them.</param>
/// <param name="LeftOverIpv6">The same, ours, that is configured no more.</param>
internal sealed record DedicatedHostPlan(
    DedicatedUplink Uplink,
    IReadOnlyList<DedicatedSetting> Settings,
    IReadOnlyList<Ipv6Network> MissingIpv6,
    IReadOnlyList<Ipv4Network> MissingIpv4,
    IReadOnlyList<Ipv6RouteEntry> LeftOverIpv6,
    IReadOnlyList<RouteEntry> LeftOverIpv4
)
{
    /// <summary>The metric of those routes: what others say about the same network comes first.</summary>
    internal const uint Metric = Ipv6RouteEntry.DefaultPriority;

    internal static readonly string UnreachableText =
        $"unreachable metric {Metric} proto {HostNetworkMarks.RouteProtocol}";

    internal IReadOnlyList<HostChange> Additions =>
        [
            .. Settings.Select(setting => setting.Change),
            .. MissingIpv6.Select(network => Route("ip -6", $"{network}", adds: true)),
            .. MissingIpv4.Select(network => Route("ip", $"{network}", adds: true)),
        ];

    internal IReadOnlyList<HostChange> Removals =>
        [
            .. LeftOverIpv6.Select(route => Route("ip -6", $"{route.Destination}", adds: false)),
            .. LeftOverIpv4.Select(route => Route("ip", $"{route.Destination}", adds: false)),
        ];

    /// <summary>Reads the host and changes nothing.</summary>
    /// <param name="known">
    /// As it was found before: a prefix that was seen on the link stays so, since an uplink that is down for a moment has no
    /// networks, and the host none where there is no default route for a moment.
    /// </param>
    internal static DedicatedHostPlan Read(
        HostNetworkKernel kernel,
        ExternalNetworks external,
        string? uplink,
        DedicatedUplink known
    )
    {
        var networks =
            uplink is not null && external is not { Ipv6: null, Ipv4.Count: 0 }
                ? kernel.Netlink.FindLink(uplink) is { } link
                    ? UplinkNetworks.Read(kernel.Netlink, link, kernel.HasIpv6)
                    : null
                : null;
        var delivery = DeliveryOf(external, uplink, networks, known);
        HashSet<Ipv6Network> nowhere6 =
            external.Ipv6 is { } prefix && kernel.HasIpv6 && delivery == PrefixDelivery.Routed ? [prefix] : [];
        // What is on the link may be anybody's there. Without the interface nobody can say.
        HashSet<Ipv4Network> nowhere = networks is null
            ? []
            : [.. external.Ipv4.Where(network => !networks.Ipv4.Any(network.Overlaps))];
        var (present6, leftOver6) = ReadUnreachable6(kernel, nowhere6);
        var (present, leftOver) = ReadUnreachable(kernel, [.. external.Ipv4]);
        return new DedicatedHostPlan(
            new DedicatedUplink(uplink, delivery),
            [.. SettingsFor(external, networks is null ? null : uplink, delivery)],
            [.. nowhere6.Except(present6)],
            [.. nowhere.Except(present)],
            leftOver6,
            leftOver
        );
    }

    private static PrefixDelivery? DeliveryOf(
        ExternalNetworks external,
        string? uplink,
        UplinkNetworks? networks,
        DedicatedUplink known
    )
    {
        if (external.Ipv6 is not { } prefix)
            return null;
        if (external.Wish is { } wish)
            return wish;
        var isKnown = uplink is null || known.Name is null || known.Name == uplink;
        return isKnown && (known.Delivery == PrefixDelivery.OnLink || networks is null)
            ? known.Delivery
            : networks?.DeliveryOf(prefix, wish: null).Delivery;
    }

    /// <summary>
    /// 1. advertisements are to be heeded on the uplink although the host forwards: the kernel drops the default route that
    ///    it has from them when forwarding is switched on;
    /// 2. forwarding;
    /// 3. who asks for addresses of VMs is answered, and at once.
    /// </summary>
    private static IEnumerable<DedicatedSetting> SettingsFor(
        ExternalNetworks external,
        string? uplink,
        PrefixDelivery? delivery
    )
    {
        var hasIpv6 = external.Ipv6 is not null;
        // 1
        if (hasIpv6 && uplink is not null && Sysctl.Read($"net/ipv6/conf/{uplink}/accept_ra") == 1)
            yield return new($"net/ipv6/conf/{uplink}/accept_ra", 2, 1);
        // 2
        if (hasIpv6 && Differs("net/ipv6/conf/all/forwarding", 1) is { } forwarding)
            yield return forwarding;
        // 3
        if (uplink is null)
            yield break;
        if (delivery == PrefixDelivery.OnLink && Differs($"net/ipv6/conf/{uplink}/proxy_ndp", 1) is { } proxying)
            yield return proxying;
        if (delivery == PrefixDelivery.OnLink && Differs($"net/ipv6/neigh/{uplink}/proxy_delay", 0) is { } delay6)
            yield return delay6;
        if (external.Ipv4.Count > 0 && Differs($"net/ipv4/neigh/{uplink}/proxy_delay", 0) is { } delay)
            yield return delay;
    }

    private static DedicatedSetting? Differs(string key, int value) =>
        Sysctl.Read(key) is { } found && found != value ? new DedicatedSetting(key, value, found) : null;

    private static (HashSet<Ipv6Network> Present, List<Ipv6RouteEntry> LeftOver) ReadUnreachable6(
        HostNetworkKernel kernel,
        HashSet<Ipv6Network> wanted
    )
    {
        var present = new HashSet<Ipv6Network>();
        var leftOver = new List<Ipv6RouteEntry>();
        if (kernel.HasIpv6)
            kernel.Netlink.DumpIpv6Unreachable(
                HostNetworkMarks.RouteProtocol,
                route =>
                {
                    if (wanted.Contains(route.Destination) && route.Priority == Metric)
                        present.Add(route.Destination);
                    else
                        leftOver.Add(route);
                }
            );
        return (present, leftOver);
    }

    private static (HashSet<Ipv4Network> Present, List<RouteEntry> LeftOver) ReadUnreachable(
        HostNetworkKernel kernel,
        HashSet<Ipv4Network> configured
    )
    {
        var present = new HashSet<Ipv4Network>();
        var leftOver = new List<RouteEntry>();
        kernel.Netlink.DumpUnreachable(
            HostNetworkMarks.RouteProtocol,
            route =>
            {
                if (configured.Contains(route.Destination) && route.Priority == Metric)
                    present.Add(route.Destination);
                else
                    leftOver.Add(route);
            }
        );
        return (present, leftOver);
    }

    private static HostChange Route(string program, string network, bool adds) =>
        new(
            "route",
            adds ? HostChangeKind.Add : HostChangeKind.Remove,
            adds
                ? $"add an unreachable route for {network}: what no VM has leads nowhere"
                : $"remove the unreachable route for {network}",
            $"{program} route {(adds ? "replace" : "delete")} unreachable {network} metric {Metric} "
                + $"proto {HostNetworkMarks.RouteProtocol}"
        );
}
