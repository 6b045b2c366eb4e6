using MasterController.Core.HostNetwork.Bridges;
using MasterController.Core.HostNetwork.Survey;
using MasterController.Linux.Addresses;
using MasterController.Linux.Netlink;

namespace MasterController.Core.HostNetwork.Dedicated;

/// <summary>Reads what speaks for and against the configured networks on this host.</summary>
internal sealed class DedicatedSurvey
{
    private const string Ipv6Key = "external.ipv6";
    private const string Ipv4Key = "external.ipv4";
    private const string Loopback = "lo";

    private readonly NetlinkSocket _netlink;
    private readonly ExternalNetworks _external;
    private readonly UplinkNetworks? _uplink;
    private readonly int _uplinkIndex;
    private readonly Dictionary<int, LinkEntry?> _links = [];
    private readonly List<ExternalProblem> _problems = [];

    private DedicatedSurvey(NetlinkSocket netlink, ExternalNetworks external, UplinkNetworks? uplink, int uplinkIndex)
    {
        _netlink = netlink;
        _external = external;
        _uplink = uplink;
        _uplinkIndex = uplinkIndex;
    }

    /// <param name="uplink">The interface that leads out; null where there is none.</param>
    /// <param name="pools">Networks that VMs have their own addresses from.</param>
    /// <param name="known">Where dedicated addresses come in, as far as that was found out before.</param>
    internal static ExternalSurvey Read(
        NetlinkSocket netlink,
        bool hasIpv6,
        ExternalNetworks external,
        string? uplink,
        IReadOnlyList<Ipv4Network> pools,
        DedicatedUplink known
    )
    {
        var link = uplink is null ? null : netlink.FindLink(uplink);
        var networks = link is { } found ? UplinkNetworks.Read(netlink, found, hasIpv6) : null;
        return new DedicatedSurvey(netlink, external, networks, link?.Index ?? 0).Run(hasIpv6, pools, known);
    }

    private ExternalSurvey Run(bool hasIpv6, IReadOnlyList<Ipv4Network> pools, DedicatedUplink known)
    {
        PrefixDelivery? delivery = null;
        string? why = null;
        List<Ipv6Address> host6 = [];
        if (_external.Ipv6 is { } prefix && !hasIpv6)
            _problems.Add(new(Ipv6Key, $"{prefix}: this kernel runs without IPv6"));
        else if (_external.Ipv6 is { } wanted)
        {
            (delivery, why) = Delivery(wanted, known);
            var addresses = new List<Ipv6AddressEntry>();
            _netlink.DumpIpv6Addresses(0, addresses.Add);
            host6 = FindHostIpv6(wanted, addresses);
            FindProblems(wanted, addresses);
        }
        var host4 = new List<Ipv4Address>();
        var reserved = new List<Ipv4Address>();
        FindIpv4(pools, host4, reserved);
        return new ExternalSurvey(delivery, why, host6, host4, [.. _problems.Distinct()])
        {
            ReservedIpv4 = reserved,
            HasIpv6DefaultRoute = _uplink?.HasDefaultRoute ?? false,
            Uplink = _uplink?.Name,
        };
    }

    private (PrefixDelivery? Delivery, string? Why) Delivery(Ipv6Network prefix, DedicatedUplink known)
    {
        if (_uplink is null)
            return (null, null);
        var (delivery, why) = _uplink.DeliveryOf(prefix, _external.Wish);
        // See DedicatedHostPlan: what was seen once is not unseen while the uplink is down.
        return
            delivery == PrefixDelivery.Routed
            && _external.Wish is null
            && known.Name == _uplink.Name
            && known.ProxiesIpv6
            ? (PrefixDelivery.OnLink, $"{_uplink.Name} had the prefix on its link since this controller started")
            : (delivery, why);
    }

    private List<Ipv6Address> FindHostIpv6(Ipv6Network prefix, List<Ipv6AddressEntry> addresses)
    {
        // Every router has the first one: subnet-router anycast (RFC 4291, 2.6.1).
        var own = new SortedSet<Ipv6Address> { prefix.Address };
        own.UnionWith((_uplink?.RoutersIpv6 ?? []).Where(prefix.Contains));
        own.UnionWith(addresses.Select(entry => entry.Address).Where(prefix.Contains));
        return [.. own];
    }

    private void FindProblems(Ipv6Network prefix, List<Ipv6AddressEntry> addresses)
    {
        foreach (var network in (_uplink?.Ipv6 ?? []).Where(n => n != prefix && prefix.Contains(n)))
            _problems.Add(
                new(
                    Ipv6Key,
                    $"{prefix} is larger than {network}, which is on {_uplink!.Name}'s link: part of it would be asked for "
                        + "there and part be routed; configure that network, or one beside it"
                )
            );
        foreach (var entry in addresses.Where(e => Ipv6Network.Of(e.Address, e.PrefixLength).Overlaps(prefix)))
            if (IsOfOthers(entry.Index) is { } link)
                _problems.Add(
                    new(Ipv6Key, $"{prefix} overlaps with {entry.Address}/{entry.PrefixLength} of {Describe(link)}")
                );
        var routes = new List<Ipv6RouteEntry>();
        _netlink.DumpIpv6RoutesOfAllTables(route =>
        {
            if (
                route is { Type: RouteEntry.Unicast, IsOfAddress: false }
                && route.Protocol != HostNetworkMarks.RouteProtocol
                && prefix.Contains(route.Destination)
            )
                routes.Add(route);
        });
        foreach (var route in routes)
            if (IsOfOthers(route.Index) is { } link)
                _problems.Add(
                    new(Ipv6Key, $"{prefix} overlaps with a route to {route.Destination} through {Describe(link)}")
                );
    }

    private void FindIpv4(IReadOnlyList<Ipv4Network> pools, List<Ipv4Address> host, List<Ipv4Address> reserved)
    {
        foreach (var network in _external.Ipv4)
        foreach (var pool in pools.Where(network.Overlaps).Distinct())
            _problems.Add(new(Ipv4Key, $"{network} overlaps with the pool network {pool}"));
        var addresses = new List<AddressEntry>();
        _netlink.DumpAddresses(0, addresses.Add);
        foreach (var entry in addresses)
        {
            if (entry.Label is HostNetworkMarks.AddressLabel or GuestBridge.AddressLabel)
                continue;
            if (FindLink(entry.Index) is not { } link || link.Name == Loopback)
                continue;
            host.Add(entry.Address);
            var own = Ipv4Network.Of(entry.Address, entry.PrefixLength);
            if (entry.Index != _uplinkIndex)
                foreach (var network in _external.Ipv4.Where(own.Overlaps))
                    _problems.Add(
                        new(
                            Ipv4Key,
                            $"{network} overlaps with {entry.Address}/{entry.PrefixLength} of {Describe(link)}"
                        )
                    );
        }
        var routes = new List<RouteEntry>();
        _netlink.DumpRoutesOfAllTables(route =>
        {
            if (
                route is { Type: RouteEntry.Unicast, IsOfAddress: false }
                && route.Protocol != HostNetworkMarks.RouteProtocol
                && _external.Ipv4.Any(network => network.Contains(route.Destination))
            )
                routes.Add(route);
        });
        foreach (var route in routes)
            if (IsOfOthers(route.Index) is { } link)
                _problems.Add(
                    new(
                        Ipv4Key,
                        $"{_external.Ipv4.First(n => n.Contains(route.Destination))} overlaps with a route to "
                            + $"{route.Destination} through {Describe(link)}"
                    )
                );
        reserved.AddRange(ReservedIpv4());
    }

    // The first and the last of a network on the link are nobody's (RFC 1122, 3.2.1.3), save where it has no such (RFC 3021).
    private IEnumerable<Ipv4Address> ReservedIpv4() =>
        (_uplink?.RoutersIpv4 ?? [])
            .Concat(
                from network in _uplink?.Ipv4 ?? []
                where network.PrefixLength < 31
                from address in new[] { network.Address, network.Last }
                select address
            )
            .Where(address => _external.Ipv4.Any(network => network.Contains(address)))
            .Distinct()
            .Order();

    /// <summary>The interface, where it is neither the uplink nor loopback nor one of ours.</summary>
    private LinkEntry? IsOfOthers(int index) =>
        index != _uplinkIndex
        && FindLink(index) is { } link
        && link.Name != Loopback
        && !AttachmentSetup.IsOurs(link)
        && !GuestBridge.IsOurs(link)
            ? link
            : null;

    private LinkEntry? FindLink(int index) =>
        index <= 0 ? null
        : _links.TryGetValue(index, out var known) ? known
        : _links[index] = _netlink.FindLink(index);

    private static string Describe(LinkEntry link) =>
        HostNetworkOfOthers.ProgramOf(link) is { } program ? $"{link.Name} ({program})" : link.Name;
}
