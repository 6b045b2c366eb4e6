namespace MasterController.Linux.Hosts;

/// <summary>Tasks that run or could, averaged over 1, 5 and 15 minutes (proc_loadavg(5)).</summary>
public readonly record struct LoadAverage(double Minute, double FiveMinutes, double QuarterHour)
{
    /// <summary><c>cat /proc/loadavg</c>; zeroes where the kernel does not say.</summary>
    public static LoadAverage Read() => Parse(ProcFile.TryRead("/proc/loadavg") ?? "");

    internal static LoadAverage Parse(string text) =>
        ProcFile.Words(text) is [var one, var five, var fifteen, ..]
            ? new LoadAverage(ProcFile.Decimal(one), ProcFile.Decimal(five), ProcFile.Decimal(fifteen))
            : default;
}
