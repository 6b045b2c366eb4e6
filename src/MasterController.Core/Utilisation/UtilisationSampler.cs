using System.Globalization;
using MasterController.Core.Addressing;
using MasterController.Core.Events;
using MasterController.Core.Store;
using MasterController.Core.Vms;
using Microsoft.Extensions.Logging;

namespace MasterController.Core.Utilisation;

/// <summary>
/// Each full minute of the clock (UTC) it counts all pools, keeps the counts in one commit, and tells by events which
/// thresholds were crossed. What was not sampled, because the controller did not run, is a gap.
/// </summary>
public sealed partial class UtilisationSampler(
    PoolDirectory pools,
    IStateStore store,
    UtilisationHistory history,
    EventHub events,
    BackgroundWork work,
    TimeProvider clock,
    Func<UtilisationSettings> settings,
    ILogger<UtilisationSampler> logger
)
{
    public static readonly TimeSpan MinutesKept = TimeSpan.FromDays(1);
    public static readonly TimeSpan HoursKept = TimeSpan.FromDays(365);

    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    /// <summary>
    /// So late into an hour a sample is still that of the hour: the controller may have begun, or the clock have been set,
    /// just behind its full minute.
    /// </summary>
    private static readonly TimeSpan HourTolerance = TimeSpan.FromMinutes(5);

    /// <summary>A clock that has leapt is believed after so long; until then no sample is forgotten.</summary>
    private static readonly TimeSpan TrustAfter = TimeSpan.FromHours(1);

    private readonly UtilisationThresholds _thresholds = new();
    private DateTimeOffset? _lastMinute;
    private DateTimeOffset? _lastHour;
    private long _lastTimestamp;
    private long _trustFrom;

    public void Start() => work.Run("sampling utilisation", RunAsync);

    private async Task RunAsync()
    {
        _trustFrom = clock.GetTimestamp();
        await RecallThresholdsAsync();
        while (true)
        {
            var minute = await NextMinuteAsync();
            var samples = Samples(minute);
            TellThresholds(samples);
            try
            {
                await store.CommitAsync(Changes(minute, samples));
            }
            catch (StoreException failure)
            {
                LogNotStored(failure, minute);
            }
        }
    }

    /// <summary>
    /// Waits for the next full minute by the clock, and gives the minute that has then begun: a clock that was set forward
    /// in between has skipped some, one that was set back is waited for anew.
    /// </summary>
    private async Task<DateTimeOffset> NextMinuteAsync()
    {
        var due = Floor(clock.GetUtcNow(), Minute) + Minute;
        while (due - clock.GetUtcNow() is { Ticks: > 0 } left)
        {
            if (left > Minute)
                (due, left) = Next(clock.GetUtcNow());
            // Timers count whole milliseconds; a wait of none would be no wait.
            await Task.Delay(TimeSpan.FromMilliseconds(Math.Ceiling(left.TotalMilliseconds)), clock, work.Stopping);
        }
        return Floor(clock.GetUtcNow(), Minute);

        static (DateTimeOffset Due, TimeSpan Left) Next(DateTimeOffset now)
        {
            var next = Floor(now, Minute) + Minute;
            return (next, next - now);
        }
    }

    private UtilisationSample[] Samples(DateTimeOffset minute) =>
        [
            .. pools
                .Pools.Select(p =>
                    pools.Counts(p.Name) is { } counts ? new UtilisationSample(p.Name, minute, counts) : null
                )
                .OfType<UtilisationSample>(),
        ];

    private StoreChange[] Changes(DateTimeOffset minute, UtilisationSample[] samples)
    {
        List<StoreChange> changes =
        [
            .. samples.Select(s => new StoreChange.UtilisationSaved(s, SampleInterval.Minute)),
        ];
        var hour = Floor(minute, Hour);
        if (hour != _lastHour && minute - hour < HourTolerance)
        {
            _lastHour = hour;
            changes.AddRange(
                samples.Select(s => new StoreChange.UtilisationSaved(s with { Time = hour }, SampleInterval.Hour))
            );
        }
        if (IsTrusted(minute))
        {
            changes.Add(new StoreChange.UtilisationForgotten(SampleInterval.Minute, minute - MinutesKept));
            changes.Add(new StoreChange.UtilisationForgotten(SampleInterval.Hour, minute - HoursKept));
        }
        return [.. changes];
    }

    /// <summary>
    /// Whether the clock has gone on evenly for long enough that what it calls old is old: were it set to another year by
    /// mistake, all samples would be gone before anyone could set it right.
    /// </summary>
    private bool IsTrusted(DateTimeOffset minute)
    {
        var now = clock.GetTimestamp();
        var passed = clock.GetElapsedTime(_lastTimestamp, now);
        if (_lastMinute is { } last && (minute - last - passed).Duration() > HourTolerance)
            _trustFrom = now;
        (_lastMinute, _lastTimestamp) = (minute, now);
        return clock.GetElapsedTime(_trustFrom, now) >= TrustAfter;
    }

    private void TellThresholds(UtilisationSample[] samples)
    {
        _thresholds.KeepOnly(samples.Select(s => s.Pool).ToHashSet());
        foreach (var sample in samples)
        foreach (var crossing in _thresholds.Take(sample.Pool, sample.Counts, settings().WarnPercent))
            Tell(sample.Pool, sample.Counts, crossing);
    }

    private void Tell(string pool, PoolCounts counts, ThresholdCrossing crossing)
    {
        var capacity = counts.Total - counts.Reserved;
        var percent = Number(100.0 * counts.Used / capacity, "0.#");
        var how = crossing.IsUp ? $"{crossing.Percent} % are reached" : $"{crossing.Percent} % are no longer reached";
        events.Publish(
            crossing.IsUp ? "pool.threshold" : "pool.threshold-cleared",
            pool,
            $"{counts.Used} of {capacity} addresses that can be leased are used ({percent} %): {how}; "
                + $"{counts.Free} free, {counts.Cooling} cooling, {counts.Reserved} of {counts.Total} reserved",
            new Dictionary<string, string>
            {
                ["threshold"] = Number(crossing.Percent),
                ["percent"] = percent,
                ["used"] = Number(counts.Used),
                ["capacity"] = Number(capacity),
                ["total"] = Number(counts.Total),
                ["reserved"] = Number(counts.Reserved),
                ["cooling"] = Number(counts.Cooling),
                ["free"] = Number(counts.Free),
            }
        );
    }

    /// <summary>What was told before the controller was ended is not told again.</summary>
    private async Task RecallThresholdsAsync()
    {
        var now = clock.GetUtcNow();
        foreach (var pool in pools.Pools)
        {
            try
            {
                foreach (
                    var sample in await history.ReadAsync(
                        pool.Name,
                        SampleInterval.Minute,
                        now - MinutesKept,
                        now,
                        work.Stopping
                    )
                )
                    _thresholds.Take(pool.Name, sample.Counts, settings().WarnPercent);
            }
            catch (StoreUnusableException failure)
            {
                LogNotRecalled(failure, pool.Name);
            }
        }
    }

    private static DateTimeOffset Floor(DateTimeOffset time, TimeSpan unit) =>
        new(time.UtcTicks - (time.UtcTicks % unit.Ticks), TimeSpan.Zero);

    private static string Number(double number, string format = "0") =>
        number.ToString(format, CultureInfo.InvariantCulture);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The samples of {Minute:u} are not stored")]
    private partial void LogNotStored(Exception failure, DateTimeOffset minute);

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "The samples of the pool {Pool} cannot be read; its thresholds may be told again"
    )]
    private partial void LogNotRecalled(Exception failure, string pool);
}
