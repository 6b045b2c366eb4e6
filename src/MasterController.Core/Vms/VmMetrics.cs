using System.Diagnostics.Metrics;
using MasterController.Core.Statistics;

namespace MasterController.Core.Vms;

/// <summary>How many VMs there are, and how long new ones take; by type and status, never by VM or owner.</summary>
public sealed class VmMetrics
{
    private const string MeterName = "MasterController.Vms";

    private static readonly Histogram<double> _ready = new Meter(MeterName).CreateHistogram(
        "master_controller_vm_ready_seconds",
        unit: null,
        "From the create of a VM until its guest says that it is ready.",
        tags: null,
        new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.25, 0.5, 1, 2, 5, 10, 20, 30, 60, 120] }
    );

    private static readonly VmStatus[] _statuses = Enum.GetValues<VmStatus>();
    private readonly Func<IReadOnlyList<VmRecord>> _vms;

    public VmMetrics(IMeterFactory meters, Func<IReadOnlyList<VmRecord>> vms)
    {
        _vms = vms;
        meters
            .Create(MeterName)
            .CreateObservableGauge("master_controller_vms", Count, unit: null, "VMs by type and status.");
    }

    internal static void BecameReady(VmRecord vm)
    {
        if (vm.ReadyAt is { } ready)
            _ready.Record(
                Math.Max(0, (ready - vm.CreatedAt).TotalSeconds),
                new KeyValuePair<string, object?>("type", vm.Type)
            );
    }

    /// <summary>Every status of a type that there is: one that no VM has is 0, and not absent.</summary>
    private IEnumerable<Measurement<int>> Count()
    {
        foreach (var (type, counts) in VmCensus.Of(_vms()).ByType)
        foreach (var status in _statuses)
            yield return new(
                counts.GetValueOrDefault(status),
                new("type", type),
                new("status", VmStatusName.Of(status))
            );
    }
}
