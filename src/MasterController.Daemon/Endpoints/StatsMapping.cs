using System.Diagnostics;
using MasterController.Contracts;
using MasterController.Core.External;
using MasterController.Core.HostNetwork.Dedicated;
using MasterController.Core.HostNetwork.Drift;
using MasterController.Core.HostNetwork.Survey;
using MasterController.Core.Operations;
using MasterController.Core.Statistics;
using MasterController.Core.Vms;
using MasterController.Daemon.Hosting;
using MasterController.Linux.Hosts;
using Alert = MasterController.Core.Statistics.Alert;
using Operation = MasterController.Core.Operations.Operation;

namespace MasterController.Daemon.Endpoints;

/// <summary>Figures as the contract shows them.</summary>
internal static class StatsMapping
{
    private static readonly TimeSpan Lately = TimeSpan.FromHours(24);
    private static readonly string Kernel = KernelRelease.Read();
    private static readonly DateTimeOffset StartedAt = ReadStart();

    public static PoolCapacity Capacity(PoolOutlook outlook) =>
        new(
            outlook.Pool,
            outlook.Leasable,
            PoolOutlook.SizeOf16,
            PoolOutlook.SizeOf8,
            outlook.Recommendation,
            outlook.ExpandTo?.ToString(),
            outlook.ExpandGives
        );

    public static VmStats Vms(VmCensus vms) =>
        new(
            vms.Total,
            vms.ByStatus.ToDictionary(s => VmStatusName.Of(s.Key), s => s.Value),
            [
                .. vms.ByType.Select(t => new VmTypeStats(
                    t.Key,
                    t.Value.Values.Sum(),
                    t.Value.GetValueOrDefault(VmStatus.Running),
                    t.Value.GetValueOrDefault(VmStatus.Stopped),
                    t.Value.GetValueOrDefault(VmStatus.Failed)
                )),
            ],
            vms.ByPool,
            vms.Vcpus,
            vms.MemoryMib
        );

    public static ExternalStats External(HostReading host, ExternalNetworks networks, ExternalUse use) =>
        new(host.Network?.UplinkIpv4?.ToString(), networks.Ipv6?.ToString(), use.Ipv6, use.Ipv4, use.Forwards);

    public static OperationStats Operations(IReadOnlyList<Operation> operations, DateTimeOffset now) =>
        new(
            operations.Count(o => o.Status == OperationStatus.Running),
            operations.Count(o => o.Status == OperationStatus.Failed && o.EndedAt >= now - Lately),
            operations.Count(o => o.Status == OperationStatus.RolledBack && o.EndedAt >= now - Lately)
        );

    public static ReconcileStats Reconcile(NetworkHealth health, DateTimeOffset now) =>
        new(
            health.LastAt,
            (now - health.LastAt)?.TotalSeconds,
            health.Open.Count(e => e.Difference.IsOurs),
            health.Open.Count(e => !e.Difference.IsOurs),
            health.Failure
        );

    public static Contracts.Alert Alert(Alert alert) =>
        new(
            alert.Code,
            alert.Severity switch
            {
                AlertSeverity.Critical => "critical",
                AlertSeverity.Warning => "warning",
                _ => throw new UnreachableException(),
            },
            alert.Subject,
            alert.Message,
            alert.Fix
        );

    public static HostInfo Host(HostReading host, TrafficReading? vms) =>
        new(
            host.Time,
            Environment.MachineName,
            Kernel,
            host.Uptime.TotalSeconds,
            new HostCpu(
                host.Processors,
                host.CpuPercent,
                host.Load.Minute,
                host.Load.FiveMinutes,
                host.Load.QuarterHour
            ),
            new HostMemory(host.Memory.Total, host.Memory.Available, host.Memory.SwapTotal, host.Memory.SwapFree),
            host.Disk is { } disk ? [new HostDisk("state", disk.Path, disk.Total, disk.Free)] : [],
            [.. Fill("conntrack", host.Network?.Conntrack), .. Fill("neighbours", host.Network?.Neighbours)],
            [.. Uplink(host), .. Vms(vms)],
            new HostProcess(Environment.ProcessId, StartedAt, host.ResidentBytes, host.OpenFiles, ProductVersion.Text)
        );

    private static IEnumerable<HostFill> Fill(string name, TableFill? fill) =>
        fill is { } known ? [new HostFill(name, known.Used, known.Limit)] : [];

    private static IEnumerable<HostInterface> Uplink(HostReading host) =>
        host.Network is { Uplink: { } name, UplinkTraffic: { } traffic }
            ?
            [
                new HostInterface(
                    name,
                    traffic.Received.Bytes,
                    traffic.Sent.Bytes,
                    traffic.Received.Packets,
                    traffic.Sent.Packets,
                    host.InPerSecond,
                    host.OutPerSecond
                ),
            ]
            : [];

    // In is to the guests, as everywhere in the API.
    private static IEnumerable<HostInterface> Vms(TrafficReading? vms) =>
        vms is { } sums
            ?
            [
                new HostInterface(
                    "vms",
                    sums.In.Bytes,
                    sums.Out.Bytes,
                    sums.In.Packets,
                    sums.Out.Packets,
                    sums.InPerSecond,
                    sums.OutPerSecond
                ),
            ]
            : [];

    private static DateTimeOffset ReadStart()
    {
        using var self = Process.GetCurrentProcess();
        return new DateTimeOffset(self.StartTime).ToUniversalTime();
    }
}
