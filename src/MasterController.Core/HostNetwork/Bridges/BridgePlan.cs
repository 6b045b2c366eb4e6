using MasterController.Linux.Addresses;
using MasterController.Linux.Netlink;

namespace MasterController.Core.HostNetwork.Bridges;

/// <summary>A gateway on the bridge.</summary>
/// <param name="PrefixLength">That of the network for its present gateway, which the kernel makes the route for; else 32.</param>
internal readonly record struct BridgeAddress(Ipv4Address Address, int PrefixLength)
{
    public override string ToString() => $"{Address}/{PrefixLength}";
}

/// <summary>The difference between the bridge, ports aside, and what it should be.</summary>
/// <param name="IsWanted">Whether a pool is in bridge mode.</param>
/// <param name="Link">As it is found, ours or not; null where there is none.</param>
/// <param name="IsOurs">Whether that is ours, or about to be.</param>
/// <param name="Missing">Gateways that it lacks.</param>
/// <param name="LeftOver">Addresses of ours that no pool asks for.</param>
/// <param name="RemovesLink">Whether the bridge itself goes.</param>
internal sealed record BridgePlan(
    bool IsWanted,
    LinkEntry? Link,
    bool IsOurs,
    IReadOnlyList<BridgeAddress> Missing,
    IReadOnlyList<AddressEntry> LeftOver,
    bool RemovesLink
)
{
    /// <summary>Whether a bridge of somebody else stands in the place of ours: nothing is changed then.</summary>
    internal bool IsObstructed => IsWanted && Link is not null && !IsOurs;

    internal bool MakesLink => IsWanted && Link is null;

    internal bool MendsLink =>
        IsWanted
        && !IsObstructed
        && Link
            is { } link
                and not { IsUp: true, Forwarding: true, ProxyArp: true, ReversePathFilter: 1, HasIpv6: false };

    /// <summary>Whether there is, or is to be, a bridge of ours with guests on it.</summary>
    internal bool HasGuests => IsWanted ? !IsObstructed : IsOurs && !RemovesLink;

    internal IEnumerable<HostChange> Additions
    {
        get
        {
            if (MakesLink)
                yield return new HostChange(
                    "link",
                    HostChangeKind.Add,
                    $"add the bridge {GuestBridge.Name}",
                    $"ip link add {GuestBridge.Name} address {HostNetworkMarks.RouterMac} group {HostNetworkMarks.LinkGroup} type bridge mcast_snooping 0"
                );
            if (MendsLink)
                yield return new HostChange(
                    "link",
                    HostChangeKind.Change,
                    $"bring the bridge {GuestBridge.Name} up, with its settings",
                    $"ip link set {GuestBridge.Name} up"
                );
            foreach (var address in Missing)
                yield return new HostChange(
                    "address",
                    HostChangeKind.Add,
                    $"add gateway {address} on {GuestBridge.Name}",
                    $"ip address add {address} dev {GuestBridge.Name} label {GuestBridge.AddressLabel}"
                );
        }
    }

    internal IEnumerable<HostChange> Removals =>
        [
            .. LeftOver.Select(entry => new HostChange(
                "address",
                HostChangeKind.Remove,
                $"remove gateway {entry.Address}/{entry.PrefixLength} on {GuestBridge.Name}",
                $"ip address delete {entry.Address}/{entry.PrefixLength} dev {GuestBridge.Name} label {GuestBridge.AddressLabel}"
            )),
            .. RemovesLink
                ?
                [
                    new HostChange(
                        "link",
                        HostChangeKind.Remove,
                        $"remove the bridge {GuestBridge.Name}",
                        $"ip link delete {GuestBridge.Name}"
                    ),
                ]
                : Array.Empty<HostChange>(),
        ];
}
