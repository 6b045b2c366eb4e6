using MasterController.Core.HostNetwork.Bridges;
using MasterController.Linux.Addresses;
using MasterController.Linux.Netlink;

namespace MasterController.Core.HostNetwork.Survey;

/// <summary>A network that the host has a route or an address for, ours left out.</summary>
/// <param name="Interface">Null for routes that lead to none, or to several.</param>
/// <param name="Owner">The program that makes such interfaces, or what the network is to the host.</param>
/// <param name="Table">Of the route, where it is not the main one.</param>
internal sealed record HostNetworkOfOthers(
    Ipv4Network Network,
    string? Interface,
    string? Owner,
    bool IsAddress,
    bool IsUplink,
    uint? Table
)
{
    /// <summary>The bridge of controllers before this one, whose VMs and networks this one takes over.</summary>
    internal const string OldBridge = GuestBridge.Name;

    /// <summary>Whether a program has it for its own guests.</summary>
    internal bool IsOfAnotherProgram => IsAddress && !IsUplink && Interface != OldBridge;

    /// <summary>"route through eth0", "address of docker0 (Docker)".</summary>
    internal string What =>
        $"{(IsAddress ? "address of" : "route through")} {Interface ?? "no interface"}"
        + (Table is { } table ? $" in table {table}" : "")
        + (Owner is null ? "" : $" ({Owner})");

    /// <summary>Reads all tables, and what an interface says twice once: its address and the kernel's route for it.</summary>
    internal static IReadOnlyList<HostNetworkOfOthers> Read(NetlinkSocket netlink, string? uplink)
    {
        var routes = new List<RouteEntry>();
        netlink.DumpRoutesOfAllTables(route =>
        {
            if (IsOfNetwork(route))
                routes.Add(route);
        });
        return Read(netlink, uplink, routes);
    }

    /// <summary>Whether a route is another's, and leads to a network rather than everywhere or to this host itself.</summary>
    internal static bool IsOfNetwork(RouteEntry route) =>
        route is { IsOfAddress: false, Destination.PrefixLength: > 0 }
        && route.Protocol != HostNetworkMarks.RouteProtocol;

    /// <summary>As <see cref="Read(NetlinkSocket, string?)"/>, of routes that were read already.</summary>
    internal static IReadOnlyList<HostNetworkOfOthers> Read(
        NetlinkSocket netlink,
        string? uplink,
        IReadOnlyList<RouteEntry> routes
    )
    {
        var addresses = new List<AddressEntry>();
        var ours = new HashSet<(Ipv4Network, int)>();
        netlink.DumpAddresses(
            0,
            address =>
            {
                if (address.Label is HostNetworkMarks.AddressLabel or GuestBridge.AddressLabel)
                    ours.Add((Ipv4Network.Of(address.Address, address.PrefixLength), address.Index));
                else
                    addresses.Add(address);
            }
        );
        // Names are looked up afterwards: a socket carries one conversation at a time.
        var links = new Dictionary<int, LinkEntry?>();
        LinkEntry? Link(int index) =>
            index <= 0 ? null
            : links.TryGetValue(index, out var known) ? known
            : links[index] = netlink.FindLink(index);
        HostNetworkOfOthers Of(Ipv4Network network, int index, bool isAddress, uint? table, byte protocol)
        {
            var link = Link(index);
            var isUplink = link is { } found && found.Name == uplink;
            var owner = isUplink && isAddress ? "the uplink's own network" : ProgramOf(link) ?? ProgramOf(protocol);
            return new HostNetworkOfOthers(network, link?.Name, owner, isAddress, isUplink, table);
        }
        var own = addresses.ConvertAll(a => (Network: Ipv4Network.Of(a.Address, a.PrefixLength), a.Index));
        return
        [
            .. own.Distinct().Select(a => Of(a.Network, a.Index, isAddress: true, table: null, protocol: 0)),
            .. routes
                .Where(route => !own.Contains((route.Destination, route.Index)))
                // The kernel made them for our gateways on the bridge.
                .Where(route => !ours.Contains((route.Destination, route.Index)))
                .Select(r =>
                    (r.Destination, r.Index, Table: r.Table == RouteEntry.MainTable ? (uint?)null : r.Table, r.Protocol)
                )
                .Distinct()
                .Select(r => Of(r.Destination, r.Index, isAddress: false, r.Table, r.Protocol)),
        ];
    }

    /// <summary>The programs that give interfaces such names (each one's default).</summary>
    internal static string? ProgramOf(LinkEntry? link) =>
        link switch
        {
            null => null,
            { Name: OldBridge } => "an older controller",
            { Name: "docker0" or "docker_gwbridge" } => "Docker",
            { Kind: "bridge", Name: ['b', 'r', '-', .. { Length: 12 } id] }
                when !id.AsSpan().ContainsAnyExcept("0123456789abcdef") => "Docker",
            { Name: var name } when Begins(name, "virbr") => "libvirt",
            { Name: var name } when Begins(name, "podman") || Begins(name, "cni-podman") => "Podman",
            { Name: var name } when Begins(name, "cni") || Begins(name, "flannel") || Begins(name, "cali") =>
                "Kubernetes",
            { Name: var name } when Begins(name, "lxdbr") => "LXD",
            { Name: var name } when Begins(name, "incusbr") => "Incus",
            { Name: var name } when Begins(name, "lxcbr") => "LXC",
            { Name: var name } when Begins(name, "tailscale") => "Tailscale",
            { Kind: "wireguard" } => "WireGuard",
            { Name: var name } when Begins(name, "wg") => "WireGuard",
            { Name: var name } when Begins(name, "tun") || Begins(name, "tap") => "a VPN",
            { Kind: "tun", Tap: null } => "a VPN",
            _ => null,
        };

    /// <summary>The programs that number their routes so (rt_protos, linux/rtnetlink.h).</summary>
    internal static string? ProgramOf(byte protocol) =>
        protocol switch
        {
            11 => "Zebra",
            12 => "BIRD",
            14 => "XORP",
            16 => "DHCP",
            18 => "Keepalived",
            42 => "Babel",
            99 => "Open/R",
            186 or 187 or 188 or 189 or 192 => "FRR",
            _ => null,
        };

    private static bool Begins(string name, string prefix) => name.StartsWith(prefix, StringComparison.Ordinal);
}
