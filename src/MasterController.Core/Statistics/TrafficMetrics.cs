using System.Diagnostics.Metrics;
using MasterController.Core.HostNetwork.Traffic;
using MasterController.Core.Vms;

namespace MasterController.Core.Statistics;

/// <summary>
/// What all VMs have sent and been given, and the <see cref="Top"/> VMs with the most: so many series at most, however many
/// VMs there are. Nobody waits for the kernel (<see cref="TrafficTotals"/>).
/// </summary>
public sealed class TrafficMetrics
{
    public const int Top = 20;

    private readonly TrafficTotals _totals;
    private readonly Func<IReadOnlyList<VmRecord>> _vms;
    private readonly Lock _lock = new();
    private TrafficReading? _ranked;
    private Measurement<long>[] _top = [];

    public TrafficMetrics(IMeterFactory meters, TrafficTotals totals, Func<IReadOnlyList<VmRecord>> vms)
    {
        (_totals, _vms) = (totals, vms);
        var meter = meters.Create("MasterController.Traffic");
        meter.CreateObservableCounter(
            "master_controller_vm_traffic_bytes",
            () => Sums(counters => counters.Bytes),
            unit: null,
            "Bytes of all VMs together, in to them and out of them."
        );
        meter.CreateObservableCounter(
            "master_controller_vm_traffic_packets",
            () => Sums(counters => counters.Packets),
            unit: null,
            "Packets of all VMs together."
        );
        // A gauge: which VMs these are changes, and counters that come and go are none.
        meter.CreateObservableGauge(
            "master_controller_vm_top_traffic_bytes",
            Ranked,
            unit: null,
            "Bytes since it started, of the VMs with the most."
        );
    }

    private IEnumerable<Measurement<long>> Sums(Func<Linux.Netlink.LinkCounters, long> count) =>
        _totals.Ask() is { } reading ? [Of(count(reading.In), "in"), Of(count(reading.Out), "out")] : [];

    private Measurement<long>[] Ranked()
    {
        if (_totals.Ask() is not { } reading)
            return [];
        lock (_lock)
        {
            if (_ranked != reading)
                (_ranked, _top) = (reading, Rank(reading, _vms()));
            return _top;
        }
    }

    internal static Measurement<long>[] Rank(TrafficReading reading, IReadOnlyList<VmRecord> vms)
    {
        var most = reading
            .Latest.OrderByDescending(t => Both(t.Value))
            .ThenBy(t => t.Key)
            .Take(Top)
            .ToDictionary(t => t.Key, t => t.Value);
        return
        [
            .. vms.Where(vm => most.ContainsKey(vm.Address))
                .SelectMany(vm =>
                    new[] { Of(vm, most[vm.Address].In.Bytes, "in"), Of(vm, most[vm.Address].Out.Bytes, "out") }
                ),
        ];

        static Measurement<long> Of(VmRecord vm, long bytes, string direction) =>
            new(bytes, new("vm", vm.Id), new("name", vm.Name), new("direction", direction));
    }

    private static long Both(GuestTraffic traffic) => traffic.In.Bytes + traffic.Out.Bytes;

    private static Measurement<long> Of(long count, string direction) =>
        new(count, new KeyValuePair<string, object?>("direction", direction));
}
