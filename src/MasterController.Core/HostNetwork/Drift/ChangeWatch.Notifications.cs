using MasterController.Core.HostNetwork.Bridges;
using MasterController.Linux.Addresses;
using MasterController.Linux.Netlink;

namespace MasterController.Core.HostNetwork.Drift;

/// <summary>What each notification says about what is desired.</summary>
internal sealed partial class ChangeWatch
{
    private void SeeLink(LinkEntry link, bool isGone)
    {
        if (!HostNetworkMarks.TryReadTapName(link.Name, out var address))
        {
            // The loopback interface has the gateways; another may be the uplink, new, gone or renamed.
            if (isGone || (link.Name is "lo" or GuestBridge.Name && !link.IsUp))
                Suspect(ref _host);
            // Proxies go when their interface goes down, and nobody is told.
            if (link.Name == _desired.Uplink.Name && _desired.HasExternal && (isGone || !link.IsUp))
                Suspect(ref _attachments);
            return;
        }
        var isDesired = _desired.TryGet(address, out var wanted);
        var isRight =
            isGone != isDesired
            && (
                isGone
                || (
                    AttachmentExpectation.IsRightLink(link)
                    && AttachmentExpectation.HasRightSettings(link, wanted!)
                    && AttachmentExpectation.IsRightlyPlaced(link, wanted!)
                )
            );
        lock (_lock)
        {
            if (isGone)
                _withoutGateway.Remove(link.Index);
            if (isRight)
                _links.Remove(address);
            else if (_links.Count < MostSuspects)
                _links.TryAdd(address, _clock.GetTimestamp());
            else
                _attachments ??= _clock.GetTimestamp();
        }
    }

    private void SeeAddress(AddressEntry address, bool isGone)
    {
        var networks = _desired.Networks;
        if (networks.Any(network => network.Gateways.Contains(address.Address)))
        {
            if (isGone || !IsOurs(address))
                Suspect(ref _host);
        }
        else if (IsOurs(address))
        {
            if (!isGone)
                Suspect(ref _host);
        }
        else if (
            networks.Any(network => network.Network.Overlaps(Ipv4Network.Of(address.Address, address.PrefixLength)))
        )
            Suspect(ref _attachments);
    }

    private static bool IsOurs(AddressEntry address) =>
        address.Label is HostNetworkMarks.AddressLabel or GuestBridge.AddressLabel;

    private void SeeRoute(RouteEntry route, bool isGone)
    {
        if (route.IsOfAddress)
            return;
        if (route.Destination.PrefixLength == 0)
        {
            // The uplink is where the default route leads.
            Suspect(ref _host);
            return;
        }
        if (route.Protocol != HostNetworkMarks.RouteProtocol)
        {
            if (_desired.Networks.Any(network => network.Network.Overlaps(route.Destination)))
                Suspect(ref _attachments);
            return;
        }
        if (route.Type == RouteEntry.Unreachable)
        {
            if (isGone)
                Suspect(ref _host);
            return;
        }
        var isDesired =
            _desired.TryGet(route.Destination.Address, out var wanted)
            || _desired.TryGetPublic(route.Destination.Address, out wanted);
        if (isGone ? isDesired : !isDesired || route.PreferredSource != (wanted!.Gateway ?? _desired.FallbackSource))
            Suspect(ref _attachments);
    }

    private void SeeNeighbour(NeighbourEntry neighbour, bool isGone)
    {
        if (
            _desired.TryGet(neighbour.Address, out var wanted)
            && (isGone || !AttachmentExpectation.IsRight(neighbour, wanted))
        )
            Suspect(ref _attachments);
    }

    private void SeeAddress(Ipv6AddressEntry address, bool isGone)
    {
        if (address.Address == HostNetworkMarks.Gateway6)
        {
            lock (_lock)
                if (!isGone)
                    _withoutGateway.Remove(address.Index);
                else if (_withoutGateway.Count < MostSuspects)
                    _withoutGateway.TryAdd(address.Index, _clock.GetTimestamp());
                else
                    _attachments ??= _clock.GetTimestamp();
        }
        // What is on the uplink's link says how the prefix gets here.
        else if (_desired.External.Ipv6?.Overlaps(Ipv6Network.Of(address.Address, address.PrefixLength)) == true)
            Suspect(ref _host);
    }

    private void SeeRoute(Ipv6RouteEntry route, bool isGone)
    {
        if (route.IsOfAddress || route.Destination.PrefixLength == 0)
            return;
        if (route.Protocol != HostNetworkMarks.RouteProtocol)
        {
            if (_desired.External.Ipv6?.Overlaps(route.Destination) == true)
                Suspect(ref _host);
        }
        else if (route.Type == RouteEntry.Unreachable)
        {
            if (isGone)
                Suspect(ref _host);
        }
        else if (isGone == _desired.TryGet(route.Destination.Address, out _))
            Suspect(ref _attachments);
    }

    private void SeeNeighbour(Ipv6NeighbourEntry neighbour, bool isGone)
    {
        if (
            _desired.TryGet(neighbour.Address, out var wanted)
            && (isGone || !AttachmentExpectation.IsRight(neighbour, wanted))
        )
            Suspect(ref _attachments);
    }

    private void SeeRules(uint thread, string program)
    {
        // In a PID namespace of its own a process does not know the number by which the kernel tells of it.
        if (thread == _ownThread || program == NetworkThread.DefaultName)
            return;
        _rulesBy = $"{program} (process {thread})";
        Suspect(ref _rules);
    }
}
