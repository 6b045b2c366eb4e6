using MasterController.Core.Addressing;
using MasterController.Core.Utilisation;
using Xunit;

namespace MasterController.Tests.Utilisation;

public sealed class ForecastTests
{
    private static readonly TimeSpan _hour = TimeSpan.FromHours(1);
    private static readonly DateTimeOffset _now = new(2026, 3, 29, 1, 30, 0, TimeSpan.Zero);

    [Fact]
    public void What_is_free_divided_by_the_rate_is_the_time_that_is_left()
    {
        // 100 → 312 in an hour; 636 are free: 3 hours.
        var forecast = Of(_hour, free: 636, (-60, 100), (-30, 150), (0, 312));

        Assert.Equal(new ForecastOutcome.FullAt(212, _now + TimeSpan.FromHours(3)), forecast);
        Assert.Equal(212, forecast.PerHour);
    }

    [Fact]
    public void The_rate_is_that_of_the_time_between_the_samples_there_are()
    {
        // Half an hour is half of the window: enough. 50 in 30 minutes are 100 an hour.
        Assert.Equal(
            new ForecastOutcome.FullAt(100, _now + TimeSpan.FromMinutes(150)),
            Of(_hour, free: 250, (-35, 10), (-5, 60))
        );
        // A controller that was stopped for the middle of a day leaves a gap, and no error.
        Assert.Equal(
            new ForecastOutcome.FullAt(10, _now + TimeSpan.FromHours(4)),
            Of(TimeSpan.FromDays(1), free: 40, (-24 * 60, 0), (-23 * 60, 10), (0, 240))
        );
    }

    [Fact]
    public void Samples_before_the_window_do_not_matter()
    {
        var forecast = Of(_hour, free: 100, (-61, 0), (-60, 90), (0, 100));

        Assert.Equal(new ForecastOutcome.FullAt(10, _now + TimeSpan.FromHours(10)), forecast);
    }

    [Fact]
    public void Too_few_samples_give_no_rate_but_the_time_of_the_first()
    {
        Assert.Equal(new ForecastOutcome.TooFewSamples(null), Of(_hour, free: 10));
        Assert.Equal(new ForecastOutcome.TooFewSamples(At(-3)), Of(_hour, free: 10, (-3, 1)));
        Assert.Equal(new ForecastOutcome.TooFewSamples(At(-29)), Of(_hour, free: 10, (-29, 1), (0, 9)));
        Assert.Null(Of(_hour, free: 10, (-29, 1), (0, 9)).PerHour);
    }

    [Fact]
    public void A_pool_that_shrinks_or_stays_is_never_full_at_this_rate()
    {
        Assert.Equal(new ForecastOutcome.NeverAtThisRate(-5), Of(_hour, free: 10, (-60, 9), (0, 4)));
        Assert.Equal(new ForecastOutcome.NeverAtThisRate(0), Of(_hour, free: 10, (-60, 9), (0, 9)));
    }

    [Fact]
    public void A_time_beyond_the_calendar_is_never()
    {
        var week = Forecast.Windows[^1];
        var outcome = Of(week, free: 16_777_000_000_000, (-7 * 24 * 60, 0), (0, 1));

        Assert.Equal(1.0 / 168, Assert.IsType<ForecastOutcome.NeverAtThisRate>(outcome).PerHour);
    }

    [Fact]
    public void A_full_pool_is_full_now() =>
        Assert.Equal(new ForecastOutcome.FullNow(7), Of(_hour, free: 0, (-60, 1), (0, 8)));

    [Fact]
    public void A_pool_that_was_grown_in_between_is_not_used_less_by_that()
    {
        UtilisationSample[] samples =
        [
            new("default", At(-60), new PoolCounts(253, 100, 0, 0, 153)),
            new("default", At(0), new PoolCounts(65_533, 200, 0, 1, 65_332)),
        ];

        var forecast = Forecast.Of(_hour, samples, samples[^1].Counts, _now);

        Assert.Equal(new ForecastOutcome.FullAt(100, _now + TimeSpan.FromHours(653.32)), forecast.Outcome);
    }

    private static ForecastOutcome Of(TimeSpan window, long free, params (int Minute, long Used)[] samples) =>
        Forecast
            .Of(
                window,
                [.. samples.Select(s => new UtilisationSample("p", At(s.Minute), new PoolCounts(0, s.Used, 0, 0, 0)))],
                new PoolCounts(1000, 1000 - free, 0, 0, free),
                _now
            )
            .Outcome;

    private static DateTimeOffset At(int minute) => _now + TimeSpan.FromMinutes(minute);
}
