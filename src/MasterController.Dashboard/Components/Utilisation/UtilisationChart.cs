using MasterController.Contracts;
using MasterController.Dashboard.Text;

namespace MasterController.Dashboard.Components.Utilisation;

/// <summary>
/// What is drawn: columns of the same length, times in seconds. Null is where the controller did not run, and where a
/// column has nothing to say.
/// </summary>
/// <param name="Low">Used addresses to come at the smallest rate of the forecasts; <paramref name="High"/>: the largest.</param>
/// <param name="Marks">Where the pool became larger.</param>
/// <param name="From">The time shown, also where nothing is known of it; to <paramref name="To"/>.</param>
public sealed record UtilisationChart(
    IReadOnlyList<double> Times,
    IReadOnlyList<long?> Used,
    IReadOnlyList<long?> Cooling,
    IReadOnlyList<long?> Capacity,
    IReadOnlyList<double?> Low,
    IReadOnlyList<double?> High,
    IReadOnlyList<ChartMark> Marks,
    double From,
    double To
)
{
    /// <summary>Of the time shown, how much more is shown of what is to come.</summary>
    private const double Ahead = 0.25;

    private const int ForecastPoints = 12;

    /// <param name="isNow">Whether the time ends now: only then is there something to come.</param>
    public static UtilisationChart Of(
        UtilisationSeries series,
        IReadOnlyList<PoolVersion> versions,
        IReadOnlyList<PoolForecast> forecast,
        bool isNow
    )
    {
        var between = series.Interval == "hour" ? TimeSpan.FromHours(1) : TimeSpan.FromMinutes(1);
        List<double> times = [];
        List<long?> used = [];
        List<long?> cooling = [];
        List<long?> capacity = [];
        List<double?> low = [];
        List<double?> high = [];
        UtilisationPoint? last = null;
        foreach (var point in series.Items)
        {
            if (last is not null && point.Time - last.Time > 1.5 * between)
                Add(last.Time + between, null, null, null, null, null);
            Add(point.Time, point.Used, point.Cooling, point.Total - point.Reserved, null, null);
            last = point;
        }
        double[] rates = [.. forecast.Select(f => f.PerHour).OfType<double>()];
        if (isNow && last is not null && rates.Length > 0)
        {
            (low[^1], high[^1]) = (last.Used, last.Used);
            var room = last.Total - last.Reserved;
            var ahead = (series.To - series.From) * Ahead;
            for (var i = 1; i <= ForecastPoints; i++)
            {
                var after = ahead * i / ForecastPoints;
                Add(last.Time + after, null, null, null, At(rates.Min(), after), At(rates.Max(), after));
            }

            double At(double rate, TimeSpan after) => Math.Clamp(last.Used + rate * after.TotalHours, 0, room);
        }
        return new UtilisationChart(
            times,
            used,
            cooling,
            capacity,
            low,
            high,
            Expansions(versions, series),
            Seconds(series.From),
            Math.Max(Seconds(series.To), times.Count > 0 ? times[^1] : 0)
        );

        void Add(DateTimeOffset time, long? u, long? c, long? most, double? l, double? h)
        {
            times.Add(Seconds(time));
            used.Add(u);
            cooling.Add(c);
            capacity.Add(most);
            low.Add(l);
            high.Add(h);
        }
    }

    private static double Seconds(DateTimeOffset time) => time.ToUnixTimeMilliseconds() / 1000.0;

    private static IReadOnlyList<ChartMark> Expansions(IReadOnlyList<PoolVersion> versions, UtilisationSeries series)
    {
        List<ChartMark> marks = [];
        for (var i = 1; i < versions.Count; i++)
        {
            var (before, version) = (versions[i - 1], versions[i]);
            if (version.Capacity <= before.Capacity || version.Time < series.From || version.Time > series.To)
                continue;
            var grown = version.Ranges.FirstOrDefault(r => before.Ranges.All(b => b.Cidr != r.Cidr));
            // Some grow without a new network: a reservation that ended, a gateway that nobody uses any more.
            if (grown is null || !Cidr.TryParse(grown.Cidr, out var cidr))
                continue;
            marks.Add(new ChartMark(Seconds(version.Time), $"→ /{cidr.Prefix}", grown.Cidr));
        }
        return marks;
    }
}

/// <param name="Network">What it became.</param>
public sealed record ChartMark(double Time, string Text, string Network);
