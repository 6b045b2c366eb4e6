using System.Diagnostics.Metrics;

namespace MasterController.Core.HostNetwork.Drift;

/// <summary>How long ago the host network was compared with what it should be, and how much differed.</summary>
public sealed class NetworkMetrics
{
    private readonly NetworkReconciler _reconciler;
    private readonly TimeProvider _clock;
    private readonly DateTimeOffset? _since;

    public NetworkMetrics(IMeterFactory meters, IHostNetwork network, NetworkReconciler reconciler, TimeProvider clock)
    {
        (_reconciler, _clock) = (reconciler, clock);
        _since = network.CanAttach ? clock.GetUtcNow() : null;
        var meter = meters.Create("MasterController.Network");
        meter.CreateObservableGauge(
            "master_controller_reconcile_age_seconds",
            Age,
            unit: null,
            "Since the last comparison of the whole host network, or since the start; absent in mode none."
        );
        meter.CreateObservableGauge(
            "master_controller_reconcile_failed",
            Failed,
            unit: null,
            "1 where the last comparison did not come off; absent in mode none."
        );
        meter.CreateObservableGauge(
            "master_controller_drift",
            Drift,
            unit: null,
            "Objects that differ from what they should be, by whose they are."
        );
        meter.CreateObservableGauge(
            "master_controller_drift_failed",
            () => _reconciler.Health.Open.Count(e => e.State == DriftState.Failed),
            unit: null,
            "Objects of ours that could not be repaired."
        );
    }

    private IEnumerable<Measurement<double>> Age() =>
        _since is { } since
            ? [new(Math.Max(0, (_clock.GetUtcNow() - (_reconciler.Health.LastAt ?? since)).TotalSeconds))]
            : [];

    private IEnumerable<Measurement<int>> Failed() =>
        _since is null ? [] : [new(_reconciler.Health.Failure is null ? 0 : 1)];

    private IEnumerable<Measurement<int>> Drift()
    {
        var open = _reconciler.Health.Open;
        var ours = open.Count(e => e.Difference.IsOurs);
        return
        [
            new(ours, new KeyValuePair<string, object?>("owner", DriftNames.Ours)),
            new(open.Count - ours, new KeyValuePair<string, object?>("owner", "foreign")),
        ];
    }
}
