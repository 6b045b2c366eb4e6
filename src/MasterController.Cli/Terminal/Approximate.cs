using System.Globalization;

namespace MasterController.Cli.Terminal;

/// <summary>Times and rates that are not known exactly, with no more digits than they are worth.</summary>
internal static class Approximate
{
    private const double DaysAMonth = 30.44;
    private const double DaysAYear = 365.25;

    /// <summary>"less than a minute", "40 min", "3 h", "12 days", "8 months", "31 years".</summary>
    public static string Time(TimeSpan span) =>
        span switch
        {
            { TotalMinutes: < 1 } => "less than a minute",
            { TotalMinutes: < 90 } => $"{Whole(span.TotalMinutes)} min",
            { TotalHours: < 48 } => $"{Whole(span.TotalHours)} h",
            { TotalDays: < 60 } => $"{Whole(span.TotalDays)} days",
            { TotalDays: < 730 } => $"{Whole(span.TotalDays / DaysAMonth)} months",
            _ => $"{Whole(span.TotalDays / DaysAYear)} years",
        };

    /// <summary>"+212/h", "-3.5/h", "0/h".</summary>
    public static string Rate(double perHour)
    {
        var format = Math.Abs(perHour) switch
        {
            >= 10 => "+#,0;-#,0;0",
            >= 0.1 => "+0.#;-0.#;0",
            _ => "+0.####;-0.####;0",
        };
        return perHour.ToString(format, CultureInfo.InvariantCulture) + "/h";
    }

    private static string Whole(double number) => number.ToString("N0", CultureInfo.InvariantCulture);
}
