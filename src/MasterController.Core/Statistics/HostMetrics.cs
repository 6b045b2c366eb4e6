using System.Diagnostics.Metrics;
using MasterController.Core.HostNetwork;
using MasterController.Linux.Hosts;

namespace MasterController.Core.Statistics;

/// <summary>The machine, as far as VMs run out of it; each is a file of /proc, or one call.</summary>
public sealed class HostMetrics
{
    /// <param name="directory">Whose file system is looked at: that of the state.</param>
    /// <param name="version">Of the controller.</param>
    public HostMetrics(IMeterFactory meters, string directory, string version)
    {
        var meter = meters.Create("MasterController.Host");
        meter.CreateObservableGauge(
            "master_controller_build_info",
            () => new Measurement<int>(1, new KeyValuePair<string, object?>("version", version)),
            unit: null,
            "Always 1; its label is the version."
        );
        meter.CreateObservableGauge(
            "master_controller_host_load1",
            () => LoadAverage.Read().Minute,
            unit: null,
            "Tasks that run or could, averaged over a minute."
        );
        meter.CreateObservableGauge(
            "master_controller_host_memory_bytes",
            () =>
            {
                var memory = MemoryUse.Read();
                return (Measurement<long>[])[Of(memory.Total, "total"), Of(memory.Available, "available")];
            },
            unit: null,
            "Memory of the machine."
        );
        meter.CreateObservableGauge(
            "master_controller_host_disk_bytes",
            () =>
                DiskUse.Read(directory) is { } disk
                    ? (Measurement<long>[])[Of(disk.Total, "total"), Of(disk.Free, "free")]
                    : [],
            unit: null,
            "The file system of the state."
        );
        meter.CreateObservableGauge(
            "master_controller_host_conntrack_entries",
            () =>
                (Measurement<long>[])
                    [
                        .. One(Sysctl.Read("net/netfilter/nf_conntrack_count"), "used"),
                        .. One(Sysctl.Read("net/netfilter/nf_conntrack_max"), "limit"),
                    ],
            unit: null,
            "Tracked connections of the controller's network namespace."
        );
    }

    private static Measurement<long> Of(long value, string what) =>
        new(value, new KeyValuePair<string, object?>("state", what));

    private static Measurement<long>[] One(long? value, string what) => value is { } known ? [Of(known, what)] : [];
}
