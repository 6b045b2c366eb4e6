using MasterController.Core.HostNetwork.Drift;
using MasterController.Linux.Addresses;

namespace MasterController.Core.HostNetwork.Dedicated;

/// <summary>What a change of dedicated addresses does to links, routes, neighbours and proxies, as a person would type it.</summary>
internal sealed class DedicatedLinkPlan(DedicatedUplink uplink, Ipv4Address? fallbackSource)
{
    /// <summary>In the order in which it is done: of each attachment what is new, then what goes.</summary>
    internal IEnumerable<HostChange> Of(IEnumerable<(Attachment? Before, Attachment? After)> changes)
    {
        foreach (var (before, after) in changes)
        {
            var had = before is null ? [] : DedicatedEntry.Of(before, uplink);
            var has = after is null ? [] : DedicatedEntry.Of(after, uplink);
            if (after?.RoutedIpv6 is not null && before?.RoutedIpv6 is null)
                yield return Switch(after, on: true);
            foreach (var entry in has.Except(had))
                yield return entry.Addition(after!, uplink, fallbackSource);
            foreach (var entry in had.Except(has).Reverse())
                yield return entry.Removal(entry.LinkOf(before!, uplink));
            if (after?.RoutedIpv6 is null && before?.RoutedIpv6 is not null)
                yield return Switch(before, on: false);
        }
    }

    private static HostChange Switch(Attachment attachment, bool on) =>
        new(
            "sysctl",
            HostChangeKind.Change,
            $"switch IPv6 {(on ? "on" : "off")} for {attachment.TapName}",
            $"sysctl -w {RepairPlan.Ipv6Settings(attachment.TapName, on)}"
        );
}
