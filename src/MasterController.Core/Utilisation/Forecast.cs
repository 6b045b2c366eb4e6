using System.Diagnostics;
using MasterController.Core.Addressing;

namespace MasterController.Core.Utilisation;

/// <summary>When a pool is full if it goes on as it did in some time before now.</summary>
public sealed record Forecast(TimeSpan Window, ForecastOutcome Outcome)
{
    /// <summary>The times whose rates are told: the last hour, day and week.</summary>
    public static IReadOnlyList<TimeSpan> Windows { get; } =
    [TimeSpan.FromHours(1), TimeSpan.FromDays(1), TimeSpan.FromDays(7)];

    /// <summary>"hour", "day" or "week": the same in the API and in metrics.</summary>
    public string WindowName =>
        Window.TotalDays switch
        {
            < 1 => "hour",
            < 7 => "day",
            _ => "week",
        };

    /// <summary>
    /// A rate needs samples that are at least half of its time apart: a burst of minutes is no rate of a week.
    /// </summary>
    private const int LeastPartOfWindow = 2;

    /// <summary>
    /// The rate is that of used addresses, between the first and the last sample of the window, and what it has to fill
    /// is what is free now: a pool that was grown or shrunk in between has not been used more or less by that.
    /// </summary>
    /// <param name="samples">In the order of their times; those outside of the window do not matter.</param>
    public static Forecast Of(
        TimeSpan window,
        IReadOnlyList<UtilisationSample> samples,
        PoolCounts counts,
        DateTimeOffset now
    )
    {
        var first = samples.FirstOrDefault(s => s.Time >= now - window && s.Time <= now);
        var last = samples.LastOrDefault(s => s.Time >= now - window && s.Time <= now);
        if (first is null || last is null || last.Time - first.Time < window / LeastPartOfWindow)
            return new Forecast(window, new ForecastOutcome.TooFewSamples(first?.Time));
        var perHour = (last.Counts.Used - first.Counts.Used) / (last.Time - first.Time).TotalHours;
        return new Forecast(window, Of(perHour, counts.Free, now));
    }

    private static ForecastOutcome Of(double perHour, long free, DateTimeOffset now)
    {
        if (free <= 0)
            return new ForecastOutcome.FullNow(perHour);
        if (perHour <= 0)
            return new ForecastOutcome.NeverAtThisRate(perHour);
        var hours = free / perHour;
        // Beyond the calendar is never: a /8 that gains an address a week lasts longer than dates do.
        return hours < (DateTimeOffset.MaxValue - now).TotalHours
            ? new ForecastOutcome.FullAt(perHour, now + TimeSpan.FromHours(hours))
            : new ForecastOutcome.NeverAtThisRate(perHour);
    }
}

/// <summary>What can be said; rates are used addresses an hour.</summary>
public abstract record ForecastOutcome
{
    private ForecastOutcome() { }

    /// <summary>Null where there is no rate.</summary>
    public double? PerHour =>
        this switch
        {
            FullNow(var rate) => rate,
            FullAt(var rate, _) => rate,
            NeverAtThisRate(var rate) => rate,
            TooFewSamples => null,
            _ => throw new UnreachableException(),
        };

    /// <summary>Nothing is free already.</summary>
    public sealed record FullNow(double Rate) : ForecastOutcome;

    public sealed record FullAt(double Rate, DateTimeOffset Time) : ForecastOutcome;

    /// <summary>It is not growing, or so slowly that the calendar ends before.</summary>
    public sealed record NeverAtThisRate(double Rate) : ForecastOutcome;

    /// <param name="First">The time of the first sample in the window; null where there is none.</param>
    public sealed record TooFewSamples(DateTimeOffset? First) : ForecastOutcome;
}
