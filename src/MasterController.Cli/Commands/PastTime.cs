using System.Globalization;

namespace MasterController.Cli.Commands;

/// <summary>A time as a person writes it: so long ago, or a date.</summary>
internal sealed record PastTime(TimeSpan? Ago, DateTimeOffset? Time)
{
    /// <summary>Longer than anything is remembered, and short enough to count back from any day.</summary>
    private static readonly TimeSpan _longest = TimeSpan.FromDays(36_500);

    /// <summary>K is Z, an offset, or nothing, which is UTC as in everything that mctl prints.</summary>
    private static readonly string[] _formats =
    [
        "yyyy-MM-dd",
        "yyyy-MM-dd'T'HH:mmK",
        "yyyy-MM-dd HH:mmK",
        "yyyy-MM-dd'T'HH:mm:ssK",
        "yyyy-MM-dd HH:mm:ssK",
        "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK",
    ];

    /// <summary>"90s", "10m", "2h", "3d", "4w", each also with "ago" behind; or ISO 8601. Null for anything else.</summary>
    public static PastTime? Parse(string text)
    {
        text = text.Trim();
        if (
            DateTimeOffset.TryParseExact(
                text,
                _formats,
                CultureInfo.InvariantCulture,
                DateTimeStyles.AssumeUniversal,
                out var time
            )
        )
        {
            return new PastTime(null, time);
        }

        var span = text.EndsWith("ago", StringComparison.Ordinal) ? text[..^3].TrimEnd() : text;
        return WrittenSpan.Parse(span, "smhdw") is { } ago && ago <= _longest ? new PastTime(ago, null) : null;
    }

    public DateTimeOffset Resolve(DateTimeOffset now) => Time ?? now - Ago!.Value;
}
