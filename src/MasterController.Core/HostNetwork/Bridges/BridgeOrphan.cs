using MasterController.Core.HostNetwork.Drift;
using MasterController.Linux.Addresses;

namespace MasterController.Core.HostNetwork.Bridges;

/// <summary>Something on the bridge that belongs to no guest, or that an adopted guest lacks; told by its name alone.</summary>
internal static class BridgeOrphan
{
    private const string None = "none";

    /// <summary>"fcc0a86402 . 02:fc:c0:a8:64:02 . 192.168.100.2" in the set of guests.</summary>
    internal static Difference OfGuest(string element, int bridge) =>
        Left(
            element,
            Ipv4Address.TryParse(element[(element.LastIndexOf(' ') + 1)..], out var address) ? address : default,
            bridge
        );

    /// <summary>"fcc0a86402" in the set of open ports.</summary>
    internal static Difference OfPort(string port, int bridge) =>
        Left(port, HostNetworkMarks.TryReadTapName(port, out var address) ? address : default, bridge);

    /// <summary>"02:00:00:00:00:05 dev fcc0a86402".</summary>
    internal static Difference OfForwarding(MacAddress mac, BridgeGuest guest, int bridge) =>
        Left($"{mac} dev {guest.Port}", guest.Address, bridge);

    /// <summary>"192.168.100.2 dev fcbr0".</summary>
    internal static Difference OfNeighbour(Ipv4Address address, int bridge) =>
        Left($"{address} dev {GuestBridge.Name}", address, bridge);

    internal static Difference OfAdopted(BridgeGuest guest, int bridge) =>
        new(DriftObject.Bridge, guest.Element, $"in the set {BridgeRuleset.Guests}", AttachmentExpectation.Missing)
        {
            Address = guest.Address,
            OrphanOn = bridge,
        };

    /// <summary>What a repair does about it.</summary>
    internal static HostChange Repair(Difference orphan)
    {
        var name = orphan.Name;
        var (kind, verb) = orphan.Expected == None ? (HostChangeKind.Remove, "remove") : (HostChangeKind.Add, "add");
        return new HostChange(
            "bridge",
            kind,
            $"{verb} {name} {(kind == HostChangeKind.Remove ? "from" : "to")} {GuestBridge.Name} and its sets",
            name.Contains(" . ", StringComparison.Ordinal)
                    ? $"nft {(kind == HostChangeKind.Remove ? "delete" : "add")} element {BridgeRuleset.Table} {BridgeRuleset.Guests} {{ {name} }}"
                : name.Length > 17 && MacAddress.TryParse(name.AsSpan(0, 17), out _)
                    ? $"bridge fdb delete {name} master"
                : name.Contains(' ', StringComparison.Ordinal) ? $"ip neighbour delete {name}"
                : $"nft delete element {BridgeRuleset.Table} {BridgeRuleset.OpenPorts} {{ {name} }}"
        );
    }

    private static Difference Left(string name, Ipv4Address address, int bridge) =>
        new(DriftObject.Bridge, name, None, "there, and no attachment uses it")
        {
            Address = address,
            OrphanOn = bridge,
        };
}
