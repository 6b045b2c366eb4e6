using System.Runtime.InteropServices;

namespace MasterController.Linux.Files;

/// <summary>Where a file or directory lies and what it takes there: <c>stat -c '%u %d %i %b'</c>.</summary>
/// <param name="Device">The file system it is on.</param>
/// <param name="Inode">The same for all hard links of one file.</param>
/// <param name="AllocatedBytes">Holes not counted.</param>
public readonly record struct FileOnDisk(uint Owner, ulong Device, ulong Inode, long AllocatedBytes)
{
    private const int BlockSize = 512; // of stx_blocks, whatever the file system's own is (statx(2))

    /// <summary>Follows symbolic links.</summary>
    /// <exception cref="IOException">It is not there, or may not be looked at.</exception>
    public static FileOnDisk Of(string path)
    {
        if (Libc.statx(Libc.AT_FDCWD, path, flags: 0, Libc.STATX_BASIC_STATS, out var status) != 0)
            throw FileFailure.Of($"statx {path}", Marshal.GetLastPInvokeError());
        return new FileOnDisk(
            status.Uid,
            ((ulong)status.DeviceMajor << 32) | status.DeviceMinor,
            status.Inode,
            (long)status.Blocks * BlockSize
        );
    }
}
