namespace MasterController.Linux.Hosts;

/// <summary>Which kernel runs.</summary>
public static class KernelRelease
{
    /// <summary><c>uname -r</c>; empty where the kernel does not say.</summary>
    public static string Read() => (ProcFile.TryRead("/proc/sys/kernel/osrelease") ?? "").Trim();
}
