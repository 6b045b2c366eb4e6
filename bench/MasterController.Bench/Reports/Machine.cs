using System.Globalization;

namespace MasterController.Bench.Reports;

/// <summary>What the figures depend on besides the program.</summary>
/// <param name="Load">The load average of the last minute; above <paramref name="Processors"/> others were waiting too.</param>
internal sealed record Machine(string Processor, int Processors, string Kernel, double Load)
{
    public static Machine Read()
    {
        var model = File.ReadLines("/proc/cpuinfo")
            .FirstOrDefault(l => l.StartsWith("model name", StringComparison.Ordinal));
        return new Machine(
            model?[(model.IndexOf(':') + 1)..].Trim() ?? "unknown",
            Environment.ProcessorCount,
            File.ReadAllText("/proc/sys/kernel/osrelease").Trim(),
            double.Parse(File.ReadAllText("/proc/loadavg").Split(' ')[0], CultureInfo.InvariantCulture)
        );
    }

    /// <summary>What could be had without swapping, in MiB (MemAvailable, proc_meminfo(5)).</summary>
    public static long AvailableMemory()
    {
        var line = File.ReadLines("/proc/meminfo").First(l => l.StartsWith("MemAvailable:", StringComparison.Ordinal));
        var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return long.Parse(words[1], CultureInfo.InvariantCulture) / 1024;
    }
}
