using System.Globalization;

namespace MasterController.Cli.Commands.Vms;

/// <summary>Rates as people write them: bits with a unit, or plain bytes.</summary>
internal static class WrittenRate
{
    private static readonly (string Unit, long Bits)[] Units =
    [
        ("kbit", 1_000),
        ("mbit", 1_000_000),
        ("gbit", 1_000_000_000),
    ];

    /// <summary>Bytes; null where it is none.</summary>
    public static long? Parse(string text)
    {
        var (digits, bits) = (text, 8L);
        foreach (var (unit, size) in Units)
        {
            if (text.EndsWith(unit, StringComparison.OrdinalIgnoreCase))
            {
                (digits, bits) = (text[..^unit.Length], size);
            }
        }

        return
            long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            && number <= long.MaxValue / bits
            ? number * bits / 8
            : null;
    }

    /// <summary>"10 Mbit" where it is a whole number of them, else bytes.</summary>
    public static string Text(long bytes)
    {
        foreach (var (unit, size) in Units.Reverse())
        {
            if (bytes * 8 % size == 0 && bytes > 0)
            {
                return $"{(bytes * 8 / size).ToString(CultureInfo.InvariantCulture)}{unit}";
            }
        }

        return $"{bytes.ToString(CultureInfo.InvariantCulture)} bytes";
    }
}
