using System.Globalization;

namespace MasterController.Dashboard.Components.Utilisation;

/// <summary>Which time the chart shows, as it is in the address bar.</summary>
public sealed record TimeWindow(string Name, DateTimeOffset From, DateTimeOffset To)
{
    public const string Hour = "1h";
    public const string Day = "24h";
    public const string Week = "7d";
    public const string Own = "own";

    public static IReadOnlyList<(string Value, string Text)> All { get; } =
    [(Hour, "1 hour"), (Day, "24 hours"), (Week, "7 days"), (Own, "From … to")];

    /// <summary>How an input of the type datetime-local has a time.</summary>
    public static string Written(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-ddTHH:mm", CultureInfo.InvariantCulture);

    /// <param name="wrong">What is wrong with an own interval, naming the value; null where nothing is.</param>
    public static TimeWindow Of(string? name, string? from, string? to, DateTimeOffset now, out string? wrong)
    {
        wrong = null;
        switch (name)
        {
            case Hour:
                return new TimeWindow(Hour, now.AddHours(-1), now);
            case Week:
                return new TimeWindow(Week, now.AddDays(-7), now);
            case Own:
                if (!TryTime(from, now.AddDays(-1), out var first))
                    wrong = $"from: \"{from}\" is not a time, such as 2026-01-31T12:00.";
                else if (!TryTime(to, now, out var last))
                    wrong = $"to: \"{to}\" is not a time, such as 2026-01-31T12:00.";
                else if (last <= first)
                    wrong = $"to: {Written(last)} is not later than from, which is {Written(first)}.";
                else
                    return new TimeWindow(Own, first, last);
                return new TimeWindow(Own, now.AddDays(-1), now);
            default:
                return new TimeWindow(Day, now.AddDays(-1), now);
        }
    }

    private static bool TryTime(string? text, DateTimeOffset otherwise, out DateTimeOffset time)
    {
        time = otherwise;
        return string.IsNullOrEmpty(text)
            || DateTimeOffset.TryParse(
                text,
                CultureInfo.InvariantCulture,
                DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal,
                out time
            );
    }
}
