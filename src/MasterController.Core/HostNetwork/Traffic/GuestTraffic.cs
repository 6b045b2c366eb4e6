using MasterController.Linux.Netlink;

namespace MasterController.Core.HostNetwork.Traffic;

/// <summary>What a VM has sent and been given since its TAP was made, which is when it started.</summary>
/// <param name="In">To the guest.</param>
/// <param name="Out">From the guest, spoofed and refused packets among it.</param>
public readonly record struct GuestTraffic(LinkCounters In, LinkCounters Out)
{
    // What the host's end of a TAP receives is what the guest has sent.
    internal static GuestTraffic Of(LinkTraffic tap) => new(tap.Sent, tap.Received);
}
