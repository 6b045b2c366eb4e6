using System.Globalization;

namespace MasterController.Cli.Commands;

/// <summary>A length of time as a person writes it: "90s", "5m", "1h", "3d", "4w".</summary>
internal static class WrittenSpan
{
    /// <summary>Longer ones count as this long: a TimeSpan does not hold as many weeks as an int does.</summary>
    private static readonly long _mostSeconds = (long)TimeSpan.MaxValue.TotalSeconds;

    /// <param name="units">Of "smhdw" those that may be written.</param>
    /// <returns>Null for anything else.</returns>
    public static TimeSpan? Parse(string text, string units)
    {
        if (text.Length < 2 || !units.Contains(text[^1], StringComparison.Ordinal))
        {
            return null;
        }

        var unit = text[^1] switch
        {
            's' => 1L,
            'm' => 60,
            'h' => 3600,
            'd' => 86_400,
            _ => 604_800,
        };
        return int.TryParse(
            text.AsSpan(0, text.Length - 1),
            NumberStyles.None,
            CultureInfo.InvariantCulture,
            out var count
        )
            ? TimeSpan.FromSeconds(Math.Min(count * unit, _mostSeconds))
            : null;
    }
}
