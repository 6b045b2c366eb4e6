namespace MasterController.Linux.Processes;

/// <summary>How many descriptors this process has open: <c>ls /proc/self/fd | wc -l</c>.</summary>
public static class OpenFiles
{
    private const string Directory = "/proc/self/fd";

    public static int Count()
    {
        // Since Linux 6.2 the directory's size says it (proc_pid_fd(5)); before, it is 0.
        if (
            Libc.statx(Libc.AT_FDCWD, Directory, flags: 0, Libc.STATX_BASIC_STATS, out var status) == 0
            && status.Size > 0
        )
            return (int)status.Size;
        var count = 0;
        foreach (var _ in System.IO.Directory.EnumerateFileSystemEntries(Directory))
            count++;
        return count;
    }
}
