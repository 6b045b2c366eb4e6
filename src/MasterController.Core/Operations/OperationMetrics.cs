using System.Diagnostics.Metrics;

namespace MasterController.Core.Operations;

/// <summary>How long operations and their steps take, and how they end. Kinds and steps are a handful each.</summary>
public static class OperationMetrics
{
    private static readonly Meter _meter = new("MasterController.Operations");

    private static readonly Histogram<double> _operations = _meter.CreateHistogram(
        "master_controller_operation_seconds",
        unit: null,
        "How long operations took, however they ended.",
        tags: null,
        new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300] }
    );

    private static readonly Histogram<double> _steps = _meter.CreateHistogram(
        "master_controller_operation_step_seconds",
        unit: null,
        "How long steps of operations took that were done.",
        tags: null,
        new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 30] }
    );

    private static readonly Counter<long> _ended = _meter.CreateCounter<long>(
        "master_controller_operations",
        unit: null,
        "Operations that have ended."
    );

    internal static void Ended(Operation operation) =>
        Ended(operation.Kind, operation.Status, (operation.EndedAt ?? operation.StartedAt) - operation.StartedAt);

    internal static void Ended(string kind, OperationStatus status, TimeSpan took)
    {
        _ended.Add(1, new("kind", kind), new("status", OperationJournal.StatusName(status)));
        // The clock may have been set back meanwhile.
        _operations.Record(Math.Max(0, took.TotalSeconds), new KeyValuePair<string, object?>("kind", kind));
    }

    internal static void StepDone(string kind, string step, TimeSpan took) =>
        _steps.Record(took.TotalSeconds, new("kind", kind), new("step", step));
}
