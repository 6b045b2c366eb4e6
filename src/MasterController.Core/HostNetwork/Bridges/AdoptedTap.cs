using MasterController.Linux.Addresses;
using MasterController.Linux.Netlink;

namespace MasterController.Core.HostNetwork.Bridges;

/// <summary>
/// A TAP that an older controller left on the bridge and that this one looks after. It carries our interface group, and what
/// is known of its guest as its alias, so that the kernel alone says all there is to say.
/// </summary>
public sealed record AdoptedTap(string Name, MacAddress Mac, Ipv4Address Address)
{
    /// <summary>What the names of such TAPs begin with; the rest was the beginning of a VM's id.</summary>
    public const string NamePrefix = "fc-";

    private const string AliasPrefix = "master-controller guest ";

    internal string Alias => $"{AliasPrefix}{Mac} {Address}";

    /// <summary>What adopts it.</summary>
    internal HostChange Change =>
        new(
            "link",
            HostChangeKind.Change,
            $"make {Name} a guest of ours, which sends from {Mac} and {Address} alone",
            $"ip link set {Name} alias \"{Alias}\" group {HostNetworkMarks.LinkGroup}"
        );

    internal static bool HasName(LinkEntry link) => link.Name.StartsWith(NamePrefix, StringComparison.Ordinal);

    /// <summary>Null where it is none, or none that was adopted.</summary>
    internal static AdoptedTap? Read(LinkEntry link)
    {
        if (
            link is not { Tap: not null, Group: HostNetworkMarks.LinkGroup, Alias: { } alias }
            || !HasName(link)
            || !alias.StartsWith(AliasPrefix, StringComparison.Ordinal)
            || alias[AliasPrefix.Length..].Split(' ') is not [var mac, var address]
        )
            return null;
        return MacAddress.TryParse(mac, out var hardware) && Ipv4Address.TryParse(address, out var guest)
            ? new AdoptedTap(link.Name, hardware, guest)
            : null;
    }

    /// <summary>Those among the ports of the bridge, as guests of it.</summary>
    internal static IEnumerable<BridgeGuest> Of(IEnumerable<LinkEntry> ports, IReadOnlyList<PoolNetwork> networks) =>
        ports.Select(Read).OfType<AdoptedTap>().Select(tap => tap.AsGuest(networks));

    internal BridgeGuest AsGuest(IReadOnlyList<PoolNetwork> networks) =>
        new(Name, Address, Mac, BridgeGuest.IsOpenIn(networks, Address));
}
