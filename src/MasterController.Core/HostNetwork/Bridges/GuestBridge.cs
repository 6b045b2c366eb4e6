using MasterController.Linux.Netlink;

namespace MasterController.Core.HostNetwork.Bridges;

/// <summary>The bridge that VMs of pools in bridge mode are plugged into.</summary>
internal static class GuestBridge
{
    internal const string Name = "fcbr0";

    /// <summary>The label of gateway addresses on it.</summary>
    internal const string AddressLabel = "fcbr0:fc";

    /// <summary>BR_MAX_PORTS − 1 (net/bridge/br_private.h): ten bits, and port 0 is none.</summary>
    internal const int MostPorts = 1_023;

    /// <summary>What an operator does about a bridge that is not ours.</summary>
    internal const string Obstacle =
        $"{Name} is here and is not ours: adopt it with \"mctl net adopt\", or remove it with \"ip link delete {Name}\"";

    /// <summary>Null where there is none, or one of somebody else's.</summary>
    internal static LinkEntry? FindOurs(NetlinkSocket netlink) =>
        netlink.FindLink(Name) is { } link && IsOurs(link) ? link : null;

    /// <summary>Made or adopted: the group is the mark, and what the firewall knows guests by.</summary>
    internal static bool IsOurs(LinkEntry link) => link is { Kind: "bridge", Group: HostNetworkMarks.LinkGroup };

    /// <summary>An adopted one has kept its hardware address, which its guests remember.</summary>
    internal static bool IsMadeByUs(LinkEntry link) => IsOurs(link) && link.Mac == HostNetworkMarks.RouterMac;
}
