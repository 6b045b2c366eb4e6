using System.Diagnostics.Metrics;

namespace MasterController.Core.Store;

/// <summary>
/// How long commits took of late: from the call until it is durable, of the caller of each transaction who waited longest.
/// </summary>
public sealed class CommitLatency(TimeProvider clock)
{
    /// <summary>Enough for a 99th percentile that is not of a handful.</summary>
    private const int Remembered = 1024;

    /// <summary>Of fewer the slowest, such as the first after a start, would be taken for the rule.</summary>
    private const int Enough = 20;

    private static readonly Histogram<double> _histogram = new Meter("MasterController.Store").CreateHistogram(
        "master_controller_store_commit_seconds",
        unit: null,
        "From a change that is to be stored until it is durable; of each transaction the longest.",
        tags: null,
        new InstrumentAdvice<double>
        {
            HistogramBucketBoundaries = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1],
        }
    );

    private readonly Lock _lock = new();
    private readonly (long At, TimeSpan Took)[] _ring = new (long, TimeSpan)[Remembered];
    private long _count;

    public void Add(TimeSpan took)
    {
        _histogram.Record(took.TotalSeconds);
        lock (_lock)
            _ring[_count++ % Remembered] = (clock.GetTimestamp(), took);
    }

    /// <summary>The 99th percentile of the last 1,024 at most that are not older; null where there were too few to tell.</summary>
    public TimeSpan? Percentile99(TimeSpan within)
    {
        List<TimeSpan> recent = [];
        lock (_lock)
        {
            for (var i = 0; i < Math.Min(_count, Remembered); i++)
                if (clock.GetElapsedTime(_ring[i].At) <= within)
                    recent.Add(_ring[i].Took);
        }
        if (recent.Count < Enough)
            return null;
        recent.Sort();
        return recent[(int)Math.Ceiling(0.99 * recent.Count) - 1];
    }
}
