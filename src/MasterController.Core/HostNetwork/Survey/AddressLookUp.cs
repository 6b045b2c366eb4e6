using System.Globalization;
using System.Text;
using MasterController.Core.HostNetwork.Bridges;
using MasterController.Linux.Addresses;
using MasterController.Linux.Netlink;

namespace MasterController.Core.HostNetwork.Survey;

/// <summary>What the kernel has for one address, in the words of ip and nft.</summary>
internal static class AddressLookUp
{
    /// <param name="guest">Whose it is; null where it is nobody's.</param>
    internal static KernelEntries Run(HostNetworkKernel kernel, Ipv4Address address, Attachment? guest)
    {
        var batch = new NetlinkBatch();
        batch.RouteMatch(address);
        // A default route says nothing about this address.
        var route = kernel.Netlink.GetRoutes(batch)[0] is { Destination.PrefixLength: > 0 } found
            ? found
            : (RouteEntry?)null;
        var link = route is { Index: > 0 } ? kernel.Netlink.FindLink(route.Value.Index)?.Name : null;
        return new KernelEntries(
            route is null ? null : Text(route.Value, link),
            link is null ? null : NeighbourText(kernel.Netlink.FindNeighbour(route!.Value.Index, address), link),
            [
                .. new Firewall(kernel.Nftables).ElementsWith(address, guest),
                .. new BridgeFirewall(kernel.Nftables).ElementsWith(address),
            ]
        );
    }

    internal static string Text(RouteEntry route, string? link)
    {
        var text = new StringBuilder(TypeOf(route.Type));
        text.Append(
            route.Destination.PrefixLength == 32 ? route.Destination.Address.ToString() : route.Destination.ToString()
        );
        if (route.Gateway is { } gateway)
            text.Append($" via {gateway}");
        if (link is not null)
            text.Append($" dev {link}");
        text.Append(TableOf(route.Table)).Append($" proto {ProtocolOf(route.Protocol)}").Append(ScopeOf(route.Scope));
        if (route.PreferredSource is { } source)
            text.Append($" src {source}");
        if (route.Priority > 0)
            text.Append(CultureInfo.InvariantCulture, $" metric {route.Priority}");
        return text.ToString();
    }

    private static string? NeighbourText(NeighbourEntry? neighbour, string link) =>
        neighbour is not { } found
            ? null
            : $"{found.Address} dev {link}"
                + (found.Mac is { } mac ? $" lladdr {mac}" : "")
                + (found.IsPermanent ? " PERMANENT" : "");

    // The names of rtnetlink(7), rt_tables, rt_protos and rt_scopes.
    private static string TypeOf(byte type) =>
        type switch
        {
            RouteEntry.Unicast => "",
            2 => "local ",
            3 => "broadcast ",
            5 => "multicast ",
            _ => $"type {type} ",
        };

    private static string TableOf(uint table) =>
        table switch
        {
            RouteEntry.MainTable => "",
            _ => $" table {table}",
        };

    private static string ProtocolOf(byte protocol) =>
        protocol switch
        {
            2 => "kernel",
            3 => "boot",
            4 => "static",
            16 => "dhcp",
            _ => protocol.ToString(CultureInfo.InvariantCulture),
        };

    private static string ScopeOf(byte scope) =>
        scope switch
        {
            0 => "",
            253 => " scope link",
            254 => " scope host",
            _ => $" scope {scope}",
        };
}
