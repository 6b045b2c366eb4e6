using System.Globalization;

namespace MasterController.Cli.Terminal;

/// <summary>Numbers and times as people say them.</summary>
internal static class Readable
{
    /// <summary>"42s", "7m", "3h12m", "5d": two units at most, as <c>kubectl</c> writes an age.</summary>
    public static string Age(TimeSpan age) =>
        age switch
        {
            { Ticks: <= 0 } => "0s",
            { TotalMinutes: < 2 } => Say($"{(int)age.TotalSeconds}s"),
            { TotalHours: < 1 } => Say($"{(int)age.TotalMinutes}m"),
            { TotalDays: < 1 } when age.Minutes > 0 => Say($"{age.Hours}h{age.Minutes}m"),
            { TotalDays: < 1 } => Say($"{age.Hours}h"),
            { TotalDays: < 8 } when age.Hours > 0 => Say($"{age.Days}d{age.Hours}h"),
            _ => Say($"{(long)age.TotalDays}d"),
        };

    /// <summary>"12 ms", "0.4 s", "12 s", "3 min 5 s".</summary>
    public static string Duration(TimeSpan span) =>
        span switch
        {
            { TotalSeconds: < 0.0995 } => Say($"{span.TotalMilliseconds:0} ms"),
            { TotalSeconds: < 10 } => Say($"{span.TotalSeconds:0.0} s"),
            { TotalMinutes: < 1 } => Say($"{span.TotalSeconds:0} s"),
            { TotalHours: < 1 } => Say($"{(int)span.TotalMinutes} min {span.Seconds} s"),
            _ => Say($"{(int)span.TotalHours} h {span.Minutes} min"),
        };

    /// <summary>"512 B", "53.1 MiB".</summary>
    public static string Bytes(long bytes)
    {
        string[] units = ["KiB", "MiB", "GiB", "TiB", "PiB"];
        if (bytes < 1024)
        {
            return Say($"{bytes} B");
        }

        var value = bytes / 1024.0;
        var unit = 0;
        for (; value >= 1024 && unit < units.Length - 1; unit++)
        {
            value /= 1024;
        }

        return Say($"{value:0.0} {units[unit]}");
    }

    /// <summary>"65,533".</summary>
    public static string Count(long count) => count.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>"1.2 %"; never "0.0 %" for something, nor "100.0 %" for less than all.</summary>
    public static string Percent(long part, long whole)
    {
        if (whole <= 0)
        {
            return "-";
        }

        var percent = 100.0 * part / whole;
        return part switch
        {
            0 => "0 %",
            _ when part == whole => "100 %",
            _ when percent < 0.1 => "< 0.1 %",
            _ when percent > 99.9 => "> 99.9 %",
            _ => Say($"{percent:0.0} %"),
        };
    }

    /// <summary>"1 VM", "3 VMs".</summary>
    public static string Plural(long count, string noun) => $"{Count(count)} {noun}{(count == 1 ? "" : "s")}";

    /// <summary>"a, b, c and 4 more": the first few of what there are <paramref name="count"/>.</summary>
    public static string FirstOf(IReadOnlyList<string> names, long count, int most)
    {
        var shown = string.Join(", ", names.Take(most));
        var more = count - Math.Min(names.Count, most);
        return more <= 0 ? shown
            : shown.Length == 0 ? Count(more)
            : $"{shown} and {Count(more)} more";
    }

    public static string Time(DateTimeOffset time) =>
        time.ToUniversalTime().ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture) + "Z";

    private static string Say(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
