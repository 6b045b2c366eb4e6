using System.Globalization;

namespace MasterController.Core.Hypervisors.Qemu;

/// <summary>
/// The rate of the processor's time stamp counter, which a guest under TCG reads as it is. Told to the guest's kernel it
/// need not measure it, which on a busy host ends in a hang more often than not.
/// </summary>
internal static class HostTsc
{
    private const int KilohertzPerBogoMips = 500;

    /// <summary>In kHz; null where the host does not tell, as on processors other than x86.</summary>
    public static int? ReadKilohertz() => Parse(File.ReadLines("/proc/cpuinfo"));

    /// <summary>
    /// "bogomips" is the counter's rate in MHz times two, since the kernel derives its delay loop from the counter;
    /// "cpu MHz" is the momentary clock of the core, and right only where there is no other figure.
    /// </summary>
    internal static int? Parse(IEnumerable<string> cpuInfo)
    {
        int? fallback = null;
        foreach (var line in cpuInfo)
        {
            if (line.StartsWith("bogomips", StringComparison.Ordinal))
                return Scale(line, KilohertzPerBogoMips) ?? fallback;
            if (line.StartsWith("cpu MHz", StringComparison.Ordinal))
                fallback ??= Scale(line, 1000);
        }
        return fallback;
    }

    private static int? Scale(string line, int factor) =>
        decimal.TryParse(
            line.AsSpan(line.IndexOf(':') + 1),
            NumberStyles.Number,
            CultureInfo.InvariantCulture,
            out var value
        )
        && value > 0
            ? (int)(value * factor)
            : null;
}
