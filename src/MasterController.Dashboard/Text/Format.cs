using System.Globalization;

namespace MasterController.Dashboard.Text;

/// <summary>Numbers and times as a person reads them, the same in every view.</summary>
public static class Format
{
    private static readonly string[] _binary = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];

    /// <summary>"65,533".</summary>
    public static string Count(decimal number) => number.ToString("#,##0", CultureInfo.InvariantCulture);

    /// <summary>"1.5 GiB".</summary>
    public static string Bytes(double bytes)
    {
        var unit = 0;
        while (Math.Abs(bytes) >= 1024 && unit < _binary.Length - 1)
            (bytes, unit) = (bytes / 1024, unit + 1);
        return bytes.ToString(unit == 0 ? "0" : "0.#", CultureInfo.InvariantCulture) + " " + _binary[unit];
    }

    /// <summary>"0.3 %", "42 %"; "0 %" and "100 %" only where it is exactly so.</summary>
    public static string Percent(double part, double whole)
    {
        if (whole <= 0 || part <= 0)
            return "0 %";
        var percent = 100 * part / whole;
        if (percent >= 100)
            return "100 %";
        return percent switch
        {
            < 0.1 => "< 0.1 %",
            < 10 => percent.ToString("0.#", CultureInfo.InvariantCulture) + " %",
            > 99.9 => "> 99.9 %",
            > 99 => percent.ToString("0.#", CultureInfo.InvariantCulture) + " %",
            _ => percent.ToString("0", CultureInfo.InvariantCulture) + " %",
        };
    }

    /// <summary>"3 s", "5 min", "2 h", "4 d": the largest whole unit.</summary>
    public static string Duration(TimeSpan time) =>
        Math.Abs(time.TotalSeconds) switch
        {
            < 1 => $"{time.TotalMilliseconds:0} ms",
            < 90 => $"{time.TotalSeconds:0} s",
            < 90 * 60 => $"{time.TotalMinutes:0} min",
            < 48 * 3600 => $"{time.TotalHours:0} h",
            _ => $"{time.TotalDays:0} d",
        };

    /// <summary>"3 min ago", or "in 2 h".</summary>
    public static string Ago(DateTimeOffset time, DateTimeOffset now) =>
        time > now ? $"in {Duration(time - now)}" : $"{Duration(now - time)} ago";

    /// <summary>"2026-01-31 12:00:05", UTC.</summary>
    public static string Time(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);
}
