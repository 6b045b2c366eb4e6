using MasterController.Core.HostNetwork.Dedicated;
using MasterController.Linux.Addresses;
using MasterController.Linux.Netlink;

namespace MasterController.Core.HostNetwork.Drift;

/// <summary>
/// Compares what attachments have for dedicated addresses with one dump each, beside <see cref="AttachmentComparison"/>:
/// two bytes for each attachment, and a place in a map for each address.
/// </summary>
internal sealed class DedicatedComparison
{
    private readonly Attachment[] _desired;
    private readonly int _uplink;
    private readonly int _bridge;
    private readonly Ipv4Address? _fallbackSource;
    private readonly DedicatedParts[] _wanted;
    private readonly DedicatedParts[] _seen;
    private readonly Dictionary<Ipv6Address, int> _byIpv6 = [];
    private readonly Dictionary<Ipv4Address, int> _byPublic = [];

    /// <param name="desired">Sorted by their addresses.</param>
    /// <param name="uplinkIndex">Where proxies are; 0 where there is no such interface now, and none is missed.</param>
    /// <param name="bridgeIndex">Where guests of the bridge are reached; 0 where there is none.</param>
    internal DedicatedComparison(
        Attachment[] desired,
        DedicatedUplink uplink,
        int uplinkIndex,
        int bridgeIndex,
        Ipv4Address? fallbackSource
    )
    {
        (_desired, _uplink, _bridge, _fallbackSource) = (desired, uplinkIndex, bridgeIndex, fallbackSource);
        _wanted = new DedicatedParts[desired.Length];
        _seen = new DedicatedParts[desired.Length];
        for (var slot = 0; slot < desired.Length; slot++)
        {
            foreach (var entry in DedicatedEntry.Of(desired[slot], uplink))
                if (!entry.IsProxy || uplinkIndex != 0)
                    _wanted[slot] |= entry.Part;
            if (desired[slot].RoutedIpv6 is { } ipv6)
            {
                _byIpv6[ipv6] = slot;
                _byIpv6[desired[slot].LinkLocal] = slot;
            }
            if (desired[slot].External?.PublicIpv4 is { } given)
                _byPublic[given] = slot;
        }
    }

    /// <summary>Ours, of addresses that nobody has, each with the interface that it is on.</summary>
    internal List<(DedicatedEntry Entry, int Index)> Orphans { get; } = [];

    /// <summary>Whether something that should be there was not seen as it should be.</summary>
    internal bool IsWrong(int slot) => (_wanted[slot] & ~_seen[slot]) != 0;

    /// <summary>Reads the kernel; routes of IPv4 are handed over by <see cref="TrySeePublic"/>.</summary>
    /// <param name="dump">Runs a dump, again where it was interrupted, each time after clearing.</param>
    /// <param name="slotOf">By an interface's number: whose TAP it is, below 0 for nobody's; null where it is none of ours.</param>
    internal void Read(NetlinkSocket netlink, bool hasIpv6, Action<Action, Func<bool>> dump, Func<int, int?> slotOf)
    {
        if (hasIpv6)
        {
            dump(
                () => Forget(DedicatedParts.GatewayAddress),
                () => netlink.DumpIpv6Addresses(0, entry => See(entry, slotOf))
            );
            dump(
                () => Forget(DedicatedParts.Route | DedicatedParts.LinkLocalRoute),
                () => netlink.DumpIpv6Routes(HostNetworkMarks.RouteProtocol, route => See(route, slotOf))
            );
            dump(
                () => Forget(DedicatedParts.Neighbour | DedicatedParts.LinkLocalNeighbour),
                () => netlink.DumpIpv6Neighbours(0, entry => See(entry, slotOf))
            );
            dump(() => Forget(DedicatedParts.Proxy), () => netlink.DumpIpv6Proxies(SeeProxy));
        }
        dump(() => Forget(DedicatedParts.PublicProxy), () => netlink.DumpProxies(SeeProxy));
    }

    /// <summary>A route of ours; false where its destination is nobody's one-to-one address.</summary>
    internal bool TrySeePublic(RouteEntry route, Func<int, int> linkOf)
    {
        if (!_byPublic.TryGetValue(route.Destination.Address, out var slot))
            return false;
        var attachment = _desired[slot];
        var index = attachment.Mode == NetworkMode.Bridge ? _bridge : linkOf(slot);
        if (AttachmentExpectation.IsRightPublic(route, index, attachment, _fallbackSource))
            _seen[slot] |= DedicatedParts.PublicRoute;
        return true;
    }

    internal void ForgetPublicRoutes() => Forget(DedicatedParts.PublicRoute);

    private void Forget(DedicatedParts parts)
    {
        for (var slot = 0; slot < _seen.Length; slot++)
            _seen[slot] &= ~parts;
        Orphans.RemoveAll(orphan => (orphan.Entry.Part & parts) != 0);
    }

    private void See(Ipv6AddressEntry entry, Func<int, int?> slotOf)
    {
        if (
            entry.Address == HostNetworkMarks.Gateway6
            && AttachmentExpectation.IsRightGateway(entry)
            && slotOf(entry.Index) is >= 0 and var slot
        )
            _seen[slot] |= DedicatedParts.GatewayAddress;
    }

    private void See(Ipv6RouteEntry route, Func<int, int?> slotOf)
    {
        if (route is not { Type: RouteEntry.Unicast, Destination.PrefixLength: 128 })
            return;
        var address = route.Destination.Address;
        // One on a TAP that is on its way out goes with it.
        if (slotOf(route.Index) is < 0)
            return;
        var part = PartOf(address, DedicatedParts.Route, DedicatedParts.LinkLocalRoute);
        if (!_byIpv6.TryGetValue(address, out var slot))
            Orphans.Add((new(part, address, null), route.Index));
        else if (slotOf(route.Index) == slot && AttachmentExpectation.IsRight(route, route.Index))
            _seen[slot] |= part;
    }

    private void See(Ipv6NeighbourEntry neighbour, Func<int, int?> slotOf)
    {
        if (!neighbour.IsPermanent || slotOf(neighbour.Index) is not (>= 0 and var link))
            return;
        var part = PartOf(neighbour.Address, DedicatedParts.Neighbour, DedicatedParts.LinkLocalNeighbour);
        if (!_byIpv6.TryGetValue(neighbour.Address, out var slot) || slot != link)
            Orphans.Add((new(part, neighbour.Address, null), neighbour.Index));
        else if (AttachmentExpectation.IsRight(neighbour, _desired[slot]))
            _seen[slot] |= part;
    }

    private void SeeProxy(Ipv6NeighbourEntry proxy)
    {
        if (proxy.Protocol != HostNetworkMarks.RouteProtocol)
            return;
        if (
            _byIpv6.TryGetValue(proxy.Address, out var slot)
            && proxy.Index == _uplink
            && _wanted[slot].HasFlag(DedicatedParts.Proxy)
        )
            _seen[slot] |= DedicatedParts.Proxy;
        else
            Orphans.Add((new(DedicatedParts.Proxy, proxy.Address, null), proxy.Index));
    }

    private void SeeProxy(NeighbourEntry proxy)
    {
        if (proxy.Protocol != HostNetworkMarks.RouteProtocol)
            return;
        if (_byPublic.TryGetValue(proxy.Address, out var slot) && proxy.Index == _uplink)
            _seen[slot] |= DedicatedParts.PublicProxy;
        else
            Orphans.Add((new(DedicatedParts.PublicProxy, null, proxy.Address), proxy.Index));
    }

    private static DedicatedParts PartOf(Ipv6Address address, DedicatedParts own, DedicatedParts linkLocal) =>
        Attachment.TryReadLinkLocal(address, out _) ? linkLocal : own;
}
