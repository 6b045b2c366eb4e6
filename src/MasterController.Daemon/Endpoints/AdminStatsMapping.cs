using MasterController.Contracts;
using MasterController.Core.Addressing;
using MasterController.Core.Statistics;
using MasterController.Core.Vms;

namespace MasterController.Daemon.Endpoints;

/// <summary>Figures in the shape of the former controller.</summary>
internal static class AdminStatsMapping
{
    // The types that the former controller had; others are in "byType" only.
    private const string CliType = "cli";
    private const string BrowserType = "browser";

    public static AdminStats Of(
        (PoolDefinition Pool, PoolCounts Counts, PoolOutlook Outlook)? pool,
        VmCensus vms,
        ExternalStats external,
        bool canBeReached
    )
    {
        var counts = pool?.Counts ?? default;
        var largest = pool?.Pool.Ranges.MaxBy(r => r.Network.Size)?.Network;
        return new AdminStats(
            new AdminPoolStats(
                counts.Free,
                counts.Total,
                counts.Used,
                largest?.ToString() ?? "",
                new AdminExpansion(
                    counts.Total,
                    PoolOutlook.SizeOf16,
                    PoolOutlook.SizeOf8,
                    pool?.Outlook.Recommendation ?? "There is no pool"
                )
            ),
            new AdminCounters(
                vms.Total,
                vms.Of(VmStatus.Running),
                vms.OfType(CliType),
                vms.OfType(BrowserType),
                counts.Free,
                counts.Total,
                largest?.ToString() ?? "",
                largest?.Size ?? 0,
                external.PublicIp,
                canBeReached
            ),
            Vms(vms),
            new AdminExternalStats(
                external.PublicIp,
                external.Ipv6Prefix,
                external.DedicatedIpv6,
                external.PublicIpv4Used,
                external.Forwards
            )
        );
    }

    private static AdminVmStats Vms(VmCensus vms) =>
        new(
            vms.Total,
            vms.Of(VmStatus.Creating) + vms.Of(VmStatus.Starting) + vms.Of(VmStatus.Running),
            vms.Of(VmStatus.Stopping) + vms.Of(VmStatus.Stopped) + vms.Of(VmStatus.Deleting),
            Hibernated: 0,
            vms.Of(VmStatus.Failed),
            vms.ByType.ToDictionary(t => t.Key, t => t.Value.Values.Sum())
        );
}
