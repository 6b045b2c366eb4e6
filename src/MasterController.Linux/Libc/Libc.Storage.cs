using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace MasterController.Linux;

/// <summary>Calls about what a file system does with the blocks and names of files.</summary>
internal static partial class Libc
{
    /// <summary>open(2) of what is there already; directories too, which .NET does not open.</summary>
    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial SafeFileHandle open(string path, int flags);

    /// <summary>fsync(2).</summary>
    [LibraryImport("libc", SetLastError = true)]
    internal static partial int fsync(SafeFileHandle fd);

    /// <summary>rename(2).</summary>
    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int rename(string from, string to);

    /// <summary>link(2).</summary>
    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int link(string existing, string name);

    /// <summary>chown(2) by descriptor, so that the name cannot be exchanged in between.</summary>
    [LibraryImport("libc", SetLastError = true)]
    internal static partial int fchown(SafeFileHandle fd, uint uid, uint gid);

    /// <summary>ioctl(2) with a descriptor for an argument.</summary>
    [LibraryImport("libc", SetLastError = true)]
    internal static partial int ioctl(SafeFileHandle fd, nuint request, SafeFileHandle argument);

    /// <summary>lseek(2).</summary>
    [LibraryImport("libc", SetLastError = true)]
    internal static partial long lseek(SafeFileHandle fd, long offset, int whence);

    /// <summary>copy_file_range(2).</summary>
    [LibraryImport("libc", SetLastError = true)]
    internal static partial nint copy_file_range(
        SafeFileHandle source,
        ref long sourceOffset,
        SafeFileHandle destination,
        ref long destinationOffset,
        nuint length,
        uint flags
    );

    /// <summary>statx(2).</summary>
    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int statx(int directory, string path, int flags, uint mask, out BlockStatus status);

    /// <summary>The fields of struct statx about a file's place on the disk; 256 bytes on every architecture.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    internal struct BlockStatus
    {
        [FieldOffset(20)]
        internal uint Uid;

        [FieldOffset(32)]
        internal ulong Inode;

        [FieldOffset(48)]
        internal ulong Blocks;

        [FieldOffset(136)]
        internal uint DeviceMajor;

        [FieldOffset(140)]
        internal uint DeviceMinor;
    }
}
