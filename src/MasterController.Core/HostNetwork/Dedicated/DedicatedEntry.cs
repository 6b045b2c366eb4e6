using System.Diagnostics;
using MasterController.Core.HostNetwork.Bridges;
using MasterController.Core.HostNetwork.Drift;
using MasterController.Linux.Addresses;
using MasterController.Linux.Netlink;

namespace MasterController.Core.HostNetwork.Dedicated;

/// <summary>
/// One object of the kernel that an attachment has for a dedicated address: the same list is made, compared, planned and
/// taken away.
/// </summary>
/// <param name="Ipv6">The address that it is about, or <paramref name="Ipv4"/>.</param>
internal readonly record struct DedicatedEntry(DedicatedParts Part, Ipv6Address? Ipv6, Ipv4Address? Ipv4)
{
    internal string Address => Ipv6 is { } ipv6 ? $"{ipv6}" : $"{Ipv4}";

    internal bool IsProxy => (Part & DedicatedParts.Proxies) != 0;

    private bool IsRoute => Part is DedicatedParts.Route or DedicatedParts.LinkLocalRoute or DedicatedParts.PublicRoute;

    private Ipv6Network Network6 => new(Ipv6!.Value, 128);

    private Ipv4Network Network4 => new(Ipv4!.Value, 32);

    /// <summary>All that an attachment should have, in the order in which it is made: what draws packets here comes last.</summary>
    internal static IReadOnlyList<DedicatedEntry> Of(Attachment attachment, DedicatedUplink uplink)
    {
        if (attachment is { RoutedIpv6: null, External: not { PublicIpv4: not null } })
            return [];
        var entries = new List<DedicatedEntry>(8);
        if (attachment.RoutedIpv6 is { } own)
        {
            entries.Add(new(DedicatedParts.GatewayAddress, HostNetworkMarks.Gateway6, null));
            entries.Add(new(DedicatedParts.Route, own, null));
            entries.Add(new(DedicatedParts.LinkLocalRoute, attachment.LinkLocal, null));
            entries.Add(new(DedicatedParts.Neighbour, own, null));
            entries.Add(new(DedicatedParts.LinkLocalNeighbour, attachment.LinkLocal, null));
            if (uplink.ProxiesIpv6)
                entries.Add(new(DedicatedParts.Proxy, own, null));
        }
        if (attachment.External?.PublicIpv4 is { } given)
        {
            entries.Add(new(DedicatedParts.PublicRoute, null, given));
            if (uplink.Name is not null)
                entries.Add(new(DedicatedParts.PublicProxy, null, given));
        }
        return entries;
    }

    /// <summary>Adds the request that makes it, or sets it right.</summary>
    /// <param name="index">The interface that it is on.</param>
    internal void Add(NetlinkBatch batch, int index, Attachment attachment, Ipv4Address? fallbackSource)
    {
        switch (Part)
        {
            case DedicatedParts.GatewayAddress:
                batch.AddressReplace(index, Ipv6!.Value);
                break;
            case DedicatedParts.Route or DedicatedParts.LinkLocalRoute:
                batch.RouteReplace(Network6, index, HostNetworkMarks.RouteProtocol);
                break;
            case DedicatedParts.Neighbour or DedicatedParts.LinkLocalNeighbour:
                batch.NeighbourReplace(index, Ipv6!.Value, attachment.Mac);
                break;
            case DedicatedParts.Proxy:
                batch.ProxyReplace(index, Ipv6!.Value, HostNetworkMarks.RouteProtocol);
                break;
            case DedicatedParts.PublicRoute:
                batch.RouteReplace(
                    Network4,
                    index,
                    attachment.Gateway ?? fallbackSource,
                    HostNetworkMarks.RouteProtocol
                );
                break;
            case DedicatedParts.PublicProxy:
                batch.ProxyReplace(index, Ipv4!.Value, HostNetworkMarks.RouteProtocol);
                break;
            default:
                throw new UnreachableException($"{Part}");
        }
    }

    /// <summary>Adds the request that takes it away.</summary>
    internal void Remove(NetlinkBatch batch, int index)
    {
        switch (Part)
        {
            case DedicatedParts.GatewayAddress:
                batch.AddressDelete(index, Ipv6!.Value);
                break;
            case DedicatedParts.Route or DedicatedParts.LinkLocalRoute:
                batch.RouteDelete(Network6, index, HostNetworkMarks.RouteProtocol);
                break;
            case DedicatedParts.Neighbour or DedicatedParts.LinkLocalNeighbour:
                batch.NeighbourDelete(index, Ipv6!.Value);
                break;
            case DedicatedParts.Proxy:
                batch.ProxyDelete(index, Ipv6!.Value);
                break;
            case DedicatedParts.PublicRoute:
                batch.RouteDelete(Network4, index, HostNetworkMarks.RouteProtocol);
                break;
            case DedicatedParts.PublicProxy:
                batch.ProxyDelete(index, Ipv4!.Value);
                break;
            default:
                throw new UnreachableException($"{Part}");
        }
    }

    /// <summary>The interface that it belongs on.</summary>
    internal string? LinkOf(Attachment attachment, DedicatedUplink uplink) =>
        IsProxy ? uplink.Name
        : attachment.Mode == NetworkMode.Bridge ? GuestBridge.Name
        : attachment.TapName;

    /// <summary>In words, for plans, refusals and drift: "the route to 2001:db8:1250::100:2".</summary>
    internal string Words =>
        IsProxy ? $"the neighbour proxy of {Address}"
        : IsRoute ? $"the route to {Address}"
        : Part == DedicatedParts.GatewayAddress ? $"the gateway address {Address}"
        : $"the neighbour entry of {Address}";

    internal DriftObject Object =>
        IsRoute ? DriftObject.Route
        : Part == DedicatedParts.GatewayAddress ? DriftObject.Address
        : DriftObject.Neighbour;

    /// <summary>What drift calls it.</summary>
    internal string NameOn(string? link) =>
        IsProxy ? $"proxy {Address} dev {link}"
        : Part == DedicatedParts.GatewayAddress ? $"{Address}/128 dev {link}"
        : Address;

    /// <summary>What ip would be told behind the address.</summary>
    internal string Expected(Attachment attachment, DedicatedUplink uplink, Ipv4Address? fallbackSource)
    {
        var link = LinkOf(attachment, uplink);
        if (IsProxy)
            return $"protocol {HostNetworkMarks.RouteProtocol}";
        if (IsRoute)
            return $"dev {link}"
                + (Ipv6 is null ? $" src {attachment.Gateway ?? fallbackSource}" : "")
                + $" proto {HostNetworkMarks.RouteProtocol}";
        return Part == DedicatedParts.GatewayAddress ? "nodad noprefixroute" : $"lladdr {attachment.Mac} nud permanent";
    }

    internal HostChange Addition(Attachment attachment, DedicatedUplink uplink, Ipv4Address? fallbackSource)
    {
        var words = Expected(attachment, uplink, fallbackSource);
        return new(
            ObjectName,
            HostChangeKind.Add,
            $"add {Words}",
            $"{Command("replace", LinkOf(attachment, uplink))} {words}"
        );
    }

    /// <param name="link">The interface that it is on.</param>
    internal HostChange Removal(string? link) =>
        new(
            ObjectName,
            HostChangeKind.Remove,
            $"remove {Words}",
            Command("delete", link) + (IsRoute ? $" dev {link} proto {HostNetworkMarks.RouteProtocol}" : "")
        );

    private string ObjectName => DriftNames.Of(Object);

    private string Command(string verb, string? link)
    {
        var program = Ipv6 is null ? "ip" : "ip -6";
        if (IsProxy)
            return $"{program} neighbour {verb} proxy {Address} dev {link}";
        if (IsRoute)
            return $"{program} route {verb} {Address}";
        return Part == DedicatedParts.GatewayAddress
            ? $"{program} address {verb} {Address}/128 dev {link}"
            : $"{program} neighbour {verb} {Address} dev {link}";
    }
}
