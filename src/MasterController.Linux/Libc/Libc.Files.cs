using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace MasterController.Linux;

/// <summary>Calls about files, their owners, names and blocks. Constants are of asm-generic/fcntl.h and linux/stat.h.</summary>
internal static partial class Libc
{
    internal const int O_RDONLY = 0x0;
    internal const int O_WRONLY = 0x1;
    internal const int O_RDWR = 0x2;
    internal const int O_CREAT = 0x40;
    internal const int O_NONBLOCK = 0x800;
    internal const int O_APPEND = 0x400;
    internal const int O_CLOEXEC = 0x80000;

    /// <summary>This one differs between architectures.</summary>
    internal static readonly int O_NOFOLLOW =
        RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 0x8000 : 0x20000;

    internal const int AT_FDCWD = -100;
    internal const int AT_EMPTY_PATH = 0x1000;
    internal const uint STATX_BASIC_STATS = 0x7ff;
    internal const int S_IFMT = 0xF000;
    internal const int S_IFREG = 0x8000;

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int open(string path, int flags, uint mode);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial int fchown(SafeHandle fd, uint uid, uint gid);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial int fchmod(SafeHandle fd, uint mode);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int mkdir(string path, uint mode);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int lchown(string path, uint uid, uint gid);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int statx(int directory, string path, int flags, uint mask, out FileStatus status);

    /// <summary>chown(2); an id of 2³²−1 leaves that one as it is.</summary>
    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int chown(string pathname, uint owner, uint group);

    [LibraryImport("libc")]
    internal static partial uint geteuid();

    /// <summary>open(2) of what is there already; directories too, which .NET does not open.</summary>
    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial SafeFileHandle open(string path, int flags);

    /// <summary>read(2).</summary>
    [LibraryImport("libc", SetLastError = true)]
    internal static partial nint read(SafeFileHandle fd, Span<byte> buffer, nuint length);

    /// <summary>write(2).</summary>
    [LibraryImport("libc", SetLastError = true)]
    internal static partial nint write(SafeFileHandle fd, ReadOnlySpan<byte> buffer, nuint length);

    /// <summary>fsync(2).</summary>
    [LibraryImport("libc", SetLastError = true)]
    internal static partial int fsync(SafeFileHandle fd);

    /// <summary>rename(2).</summary>
    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int rename(string from, string to);

    /// <summary>link(2).</summary>
    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int link(string existing, string name);

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

    /// <summary>The fields of struct statx that are used here; 256 bytes on every architecture.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    internal struct FileStatus
    {
        [FieldOffset(16)]
        internal uint Links;

        [FieldOffset(20)]
        internal uint Uid;

        [FieldOffset(24)]
        internal uint Gid;

        [FieldOffset(28)]
        internal ushort Mode;

        [FieldOffset(32)]
        internal ulong Inode;

        [FieldOffset(40)]
        internal ulong Size;

        /// <summary>Of 512 bytes each.</summary>
        [FieldOffset(48)]
        internal ulong Blocks;

        [FieldOffset(136)]
        internal uint DeviceMajor;

        [FieldOffset(140)]
        internal uint DeviceMinor;
    }
}
