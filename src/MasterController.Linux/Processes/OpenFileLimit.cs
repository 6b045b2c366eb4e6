using System.Runtime.InteropServices;

namespace MasterController.Linux.Processes;

/// <summary>How many descriptors this process may have open: <c>ulimit -n</c>, RLIMIT_NOFILE of getrlimit(2).</summary>
public static class OpenFileLimit
{
    /// <summary>Null where the kernel does not say; <see cref="long.MaxValue"/> for no limit.</summary>
    public static long? Read() =>
        Libc.getrlimit(Libc.RLIMIT_NOFILE, out var limit) == 0 ? (long)Math.Min(limit.Soft, long.MaxValue) : null;

    /// <summary>
    /// <c>ulimit -n COUNT</c>, the hard limit with it where that is lower, which takes CAP_SYS_RESOURCE. Never lowers it.
    /// </summary>
    /// <param name="count">At most fs.nr_open.</param>
    /// <returns>Why the kernel refused; null where it is done.</returns>
    public static string? Raise(long count)
    {
        if (Libc.getrlimit(Libc.RLIMIT_NOFILE, out var limit) != 0)
            return LastError();
        var wanted = new Libc.ResourceLimit
        {
            Soft = Math.Max(limit.Soft, (ulong)count),
            Hard = Math.Max(limit.Hard, (ulong)count),
        };
        return Libc.setrlimit(Libc.RLIMIT_NOFILE, wanted) == 0 ? null : LastError();
    }

    private static string LastError() => Errno.Describe(Marshal.GetLastPInvokeError());
}
