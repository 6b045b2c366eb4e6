namespace MasterController.Linux.Hosts;

/// <summary>How long ago the machine booted.</summary>
public static class MachineUptime
{
    /// <summary><c>cut -d' ' -f1 /proc/uptime</c>; zero where the kernel does not say.</summary>
    public static TimeSpan Read() => Parse(ProcFile.TryRead("/proc/uptime") ?? "");

    internal static TimeSpan Parse(string text) =>
        ProcFile.Words(text) is [var seconds, ..] ? TimeSpan.FromSeconds(ProcFile.Decimal(seconds)) : TimeSpan.Zero;
}
