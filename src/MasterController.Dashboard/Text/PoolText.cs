using System.Globalization;
using MasterController.Contracts;

namespace MasterController.Dashboard.Text;

/// <summary>A pool's rate and forecast in words.</summary>
public static class PoolText
{
    /// <summary>"+12.5 addresses per hour"; null with too few samples.</summary>
    public static string? Rate(PoolForecast forecast) =>
        forecast.PerHour is { } rate
            ? $"{rate.ToString("+#,##0.#;−#,##0.#;0", CultureInfo.InvariantCulture)} addresses per hour"
            : null;

    /// <summary>"Full in 3 h at the rate of the last hour".</summary>
    public static string Forecast(PoolForecast forecast, DateTimeOffset now) =>
        forecast.Outcome switch
        {
            "full" => "Full now",
            "full-at" when forecast.FullAt is { } at =>
                $"Full in {Format.Duration(at > now ? at - now : TimeSpan.Zero)} at the rate of the last {forecast.Window}",
            "never" => $"Never full at the rate of the last {forecast.Window}",
            "too-few-samples" => $"Too few samples of the last {forecast.Window} yet",
            _ => forecast.Outcome,
        };

    /// <summary>The forecast that tells of trouble soonest; else that of the shortest time there is.</summary>
    public static PoolForecast? Nearest(IReadOnlyList<PoolForecast> forecasts) =>
        forecasts.FirstOrDefault(f => f.Outcome == "full")
        ?? forecasts.Where(f => f.Outcome == "full-at").MinBy(f => f.FullAt)
        ?? forecasts.FirstOrDefault(f => f.Outcome == "never")
        ?? forecasts.FirstOrDefault();
}
