using MasterController.Linux.Addresses;
using MasterController.Linux.Netlink;
using MasterController.Linux.Taps;

namespace MasterController.Core.HostNetwork.Bridges;

/// <summary>
/// What an older controller left on the bridge. It told nobody which guest has which address; the bridge has learned which
/// hardware address is behind which port, and the host which address belongs to that.
/// </summary>
internal static class OldBridge
{
    private const string Heard = "let its guest ping its gateway, then ask again";

    /// <summary>Reads everything and changes nothing.</summary>
    internal static BridgeSurvey Read(NetlinkSocket netlink)
    {
        if (netlink.FindLink(GuestBridge.Name) is not { } bridge)
            return BridgeSurvey.Nothing;
        if (bridge.Kind != "bridge")
            return new BridgeSurvey(BridgeOwner.NotABridge, bridge.Mac, []);

        var ports = new List<LinkEntry>();
        netlink.DumpLinks(kind: null, ports.Add, bridge.Index);
        ports.RemoveAll(port => AttachmentSetup.IsOurs(port) && HostNetworkMarks.TryReadTapName(port.Name, out _));
        var behind = new List<ForwardingEntry>();
        netlink.DumpForwarding(
            bridge.Index,
            entry =>
            {
                if (!entry.IsLocal)
                    behind.Add(entry);
            }
        );
        var known = new List<NeighbourEntry>();
        netlink.DumpNeighbours(bridge.Index, known.Add);

        var users = ports.Count > 0 ? TapUser.FindAll() : new Dictionary<string, TapUser>();
        var macs = behind.Distinct().ToLookup(entry => entry.Index, entry => entry.Mac);
        var addresses = known.Where(n => n.Mac is not null).ToLookup(n => n.Mac!.Value, n => n.Address);
        return new BridgeSurvey(
            GuestBridge.IsOurs(bridge) ? BridgeOwner.Us : BridgeOwner.Others,
            bridge.Mac,
            [
                .. ports
                    .OrderBy(port => port.Name, StringComparer.Ordinal)
                    .Select(port =>
                        Describe(
                            port,
                            [.. macs[port.Index]],
                            addresses,
                            users.TryGetValue(port.Name, out var user) ? user : null
                        )
                    ),
            ]
        );
    }

    private static BridgePort Describe(
        LinkEntry port,
        IReadOnlyList<MacAddress> macs,
        ILookup<MacAddress, Ipv4Address> addresses,
        TapUser? user
    )
    {
        if (AdoptedTap.Read(port) is { } adopted)
            return new BridgePort(port.Name, adopted, adopted.Mac, adopted.Address, user, Problem: null);
        MacAddress? mac = macs.Count == 1 ? macs[0] : null;
        IReadOnlyList<Ipv4Address> found = mac is { } one ? [.. addresses[one].Distinct().Order()] : [];
        Ipv4Address? address = found.Count == 1 ? found[0] : null;
        return new BridgePort(port.Name, null, mac, address, user, ProblemOf(port, macs, found));
    }

    private static string? ProblemOf(
        LinkEntry port,
        IReadOnlyList<MacAddress> macs,
        IReadOnlyList<Ipv4Address> addresses
    ) =>
        port switch
        {
            { Tap: null } => "it is no TAP, and so another program's",
            { } tap when !AdoptedTap.HasName(tap) =>
                $"its name does not begin with {AdoptedTap.NamePrefix}: it is another program's",
            _ when macs.Count == 0 => $"the bridge has heard nothing of it lately: {Heard}",
            _ when macs.Count > 1 =>
                $"frames of {macs.Count} hardware addresses come from it ({string.Join(", ", macs)}), one is let through",
            _ when addresses.Count == 0 => $"no address is known of {macs[0]}: {Heard}",
            _ when addresses.Count > 1 =>
                $"{macs[0]} has {addresses.Count} addresses ({string.Join(", ", addresses)}), one is let through",
            _ => null,
        };
}
