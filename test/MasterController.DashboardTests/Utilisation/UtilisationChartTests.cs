using MasterController.Contracts;
using MasterController.Dashboard.Components.Utilisation;
using Xunit;

namespace MasterController.DashboardTests.Utilisation;

public class UtilisationChartTests
{
    private static readonly DateTimeOffset _noon = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Time_without_samples_is_a_gap()
    {
        var chart = Of([Point(0, 10), Point(1, 11), Point(5, 12)]);
        Assert.Equal([10, 11, null, 12], chart.Used);
        Assert.Equal([250, 250, null, 250], chart.Capacity);
        Assert.Equal(Seconds(2), chart.Times[2]);
    }

    [Fact]
    public void The_forecast_lies_between_the_smallest_and_the_largest_rate_and_ends_at_capacity()
    {
        var chart = Of(
            [Point(60, 100)],
            forecast: [Rate(-60), Rate(12_000), new("week", "too-few-samples", null, null, null)]
        );
        Assert.Equal(100, chart.Low[0]);
        Assert.Equal(100, chart.High[0]);
        // A quarter of an hour more than the hour that is shown.
        Assert.Equal(Seconds(75), chart.Times[^1]);
        Assert.Equal(85, chart.Low[^1]!.Value, 3);
        Assert.Equal(250, chart.High[^1]);
        Assert.Null(chart.Used[^1]);
        Assert.Equal(Seconds(75), chart.To);
    }

    [Fact]
    public void The_past_has_no_forecast()
    {
        var chart = Of([Point(0, 100)], forecast: [Rate(10)], isNow: false);
        Assert.Single(chart.Times);
        Assert.Null(chart.High[0]);
    }

    [Fact]
    public void Expansions_of_that_time_are_marked()
    {
        var chart = Of(
            [Point(0, 10)],
            versions:
            [
                Version(1, -100, "192.168.100.0/24", 253),
                Version(2, 10, "192.168.0.0/16", 65533),
                Version(3, 20, "192.168.0.0/16", 65530),
                Version(4, 90, "10.0.0.0/8", 16777213),
            ]
        );
        var mark = Assert.Single(chart.Marks);
        Assert.Equal("→ /16", mark.Text);
        Assert.Equal(Seconds(10), mark.Time);
    }

    [Theory]
    [InlineData("1h", 1)]
    [InlineData("24h", 24)]
    [InlineData("7d", 168)]
    [InlineData(null, 24)]
    [InlineData("nonsense", 24)]
    public void Windows_end_now(string? name, int hours)
    {
        var window = TimeWindow.Of(name, null, null, _noon, out var wrong);
        Assert.Null(wrong);
        Assert.Equal((_noon.AddHours(-hours), _noon), (window.From, window.To));
    }

    [Fact]
    public void An_own_interval_is_in_utc()
    {
        var window = TimeWindow.Of("own", "2026-01-01T08:00", "2026-01-01T09:30", _noon, out var wrong);
        Assert.Null(wrong);
        Assert.Equal((_noon.AddHours(-4), _noon.AddHours(-2.5)), (window.From, window.To));
    }

    [Theory]
    [InlineData("yesterday", null, "from: \"yesterday\"")]
    [InlineData(null, "25:00", "to: \"25:00\"")]
    [InlineData("2026-01-01T08:00", "2026-01-01T07:00", "to: 2026-01-01T07:00 is not later")]
    public void An_own_interval_that_is_none_is_named(string? from, string? to, string expected)
    {
        TimeWindow.Of("own", from, to, _noon, out var wrong);
        Assert.StartsWith(expected, wrong);
    }

    private static UtilisationChart Of(
        IReadOnlyList<UtilisationPoint> points,
        IReadOnlyList<PoolVersion>? versions = null,
        IReadOnlyList<PoolForecast>? forecast = null,
        bool isNow = true
    ) =>
        UtilisationChart.Of(
            new UtilisationSeries("default", "minute", _noon, _noon.AddHours(1), points),
            versions ?? [],
            forecast ?? [],
            isNow
        );

    private static UtilisationPoint Point(int minute, long used) =>
        new(_noon.AddMinutes(minute), 253, used, 1, 3, 249 - used);

    private static PoolForecast Rate(double perHour) => new("hour", "never", perHour, null, null);

    private static PoolVersion Version(long version, int minute, string cidr, long capacity) =>
        new(
            version,
            _noon.AddMinutes(minute),
            "expand",
            null,
            [new PoolRange(cidr, "", "", null, [])],
            [],
            capacity,
            false
        );

    private static double Seconds(int minute) => _noon.AddMinutes(minute).ToUnixTimeSeconds();
}
