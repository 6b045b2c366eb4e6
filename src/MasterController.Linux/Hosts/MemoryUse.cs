namespace MasterController.Linux.Hosts;

/// <summary>The machine's memory in bytes (proc_meminfo(5)).</summary>
/// <param name="Available">What programs can still get without swapping.</param>
public readonly record struct MemoryUse(long Total, long Available, long SwapTotal, long SwapFree)
{
    private const long UnitBytes = 1024;

    /// <summary><c>cat /proc/meminfo</c>; zeroes where the kernel does not say.</summary>
    public static MemoryUse Read() => Parse(ProcFile.TryRead("/proc/meminfo") ?? "");

    internal static MemoryUse Parse(string text)
    {
        var use = default(MemoryUse);
        foreach (var line in text.AsSpan().EnumerateLines())
        {
            var colon = line.IndexOf(':');
            if (colon < 0)
                continue;
            var rest = line[(colon + 1)..].Trim();
            var end = rest.IndexOf(' ');
            var bytes = ProcFile.Integer(end < 0 ? rest : rest[..end]) * UnitBytes;
            use = line[..colon] switch
            {
                "MemTotal" => use with { Total = bytes },
                "MemAvailable" => use with { Available = bytes },
                "SwapTotal" => use with { SwapTotal = bytes },
                "SwapFree" => use with { SwapFree = bytes },
                _ => use,
            };
        }
        return use;
    }
}
