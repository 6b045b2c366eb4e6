using MasterController.Contracts;
using MasterController.Dashboard.Text;
using Xunit;

namespace MasterController.DashboardTests.Text;

public class PoolTextTests
{
    [Theory]
    [InlineData(12.0, "+12 addresses per hour")]
    [InlineData(-1.5, "−1.5 addresses per hour")]
    [InlineData(0.0, "0 addresses per hour")]
    [InlineData(null, null)]
    public void A_rate_has_a_sign_and_a_unit(double? rate, string? text) =>
        Assert.Equal(text, PoolText.Rate(Forecast("hour", "never", rate)));

    [Theory]
    [InlineData("full-at", "Full in 3 h at the rate of the last hour")]
    [InlineData("full", "Full now")]
    [InlineData("never", "Never full at the rate of the last hour")]
    [InlineData("too-few-samples", "Too few samples of the last hour yet")]
    public void A_forecast_is_a_sentence(string outcome, string text) =>
        Assert.Equal(text, PoolText.Forecast(Forecast("hour", outcome, 1), Samples.Time));

    [Fact]
    public void The_nearest_trouble_is_told_first()
    {
        PoolForecast[] forecasts =
        [
            Forecast("hour", "never", 0),
            Forecast("day", "full-at", 1),
            Forecast("week", "full-at", 2) with
            {
                FullAt = Samples.Time.AddHours(1),
            },
        ];
        Assert.Equal("week", PoolText.Nearest(forecasts)!.Window);
        Assert.Equal("hour", PoolText.Nearest(forecasts[..1])!.Window);
        Assert.Null(PoolText.Nearest([]));
    }

    [Theory]
    [InlineData("192.168.100.0/24", 16, "192.168.0.0/16")]
    [InlineData("192.168.100.0/24", 8, "192.0.0.0/8")]
    [InlineData("10.0.0.0/8", 8, null)]
    [InlineData("nothing", 8, null)]
    [InlineData("2001:db8::/64", 16, null)]
    public void Networks_around_others(string cidr, int prefix, string? around) =>
        Assert.Equal(around, Networks.Around(cidr, prefix));

    private static PoolForecast Forecast(string window, string outcome, double? rate) =>
        new(window, outcome, rate, outcome == "full-at" ? Samples.Time.AddHours(3) : null, null);
}
