using MasterController.Linux.Netlink;

namespace MasterController.Core.HostNetwork.Dedicated;

/// <summary>Where packets for dedicated addresses come in, and whether the address is asked for there first.</summary>
/// <param name="Name">Null where there is no uplink.</param>
/// <param name="Delivery">Of the IPv6 prefix; null where there is none, or no uplink was ever there to look at.</param>
internal sealed record DedicatedUplink(string? Name, PrefixDelivery? Delivery)
{
    internal static DedicatedUplink None { get; } = new(null, null);

    /// <summary>Whether IPv6 addresses are answered for, one by one.</summary>
    internal bool ProxiesIpv6 => this is { Name: not null, Delivery: PrefixDelivery.OnLink };

    /// <summary>The interface; looked up each time, since one that was made anew has another number.</summary>
    internal LinkEntry? Find(NetlinkSocket netlink) => Name is null ? null : netlink.FindLink(Name);
}
