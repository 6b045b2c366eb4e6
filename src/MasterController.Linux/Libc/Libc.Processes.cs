using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace MasterController.Linux;

/// <summary>Calls about processes. Constants are of linux/pidfd.h, linux/wait.h, spawn.h and asm-generic/unistd.h.</summary>
internal static partial class Libc
{
    internal const short POSIX_SPAWN_SETSIGDEF = 0x04;
    internal const short POSIX_SPAWN_SETSIGMASK = 0x08;
    internal const short POSIX_SPAWN_SETSID = 0x80;

    /// <summary>sizeof(posix_spawn_file_actions_t) and sizeof(posix_spawnattr_t) of glibc are 80 and 336.</summary>
    internal const int SpawnStructureSize = 512;

    /// <summary>sizeof(sigset_t): 1024 bits.</summary>
    internal const int SignalSetSize = 128;

    internal const int P_PIDFD = 3;
    internal const int WNOHANG = 1;
    internal const int WEXITED = 4;

    internal const int CLD_EXITED = 1;

    /// <summary>The numbers of system calls since Linux 5.1 are the same on every architecture.</summary>
    internal const long SYS_pidfd_send_signal = 424;

    internal const long SYS_pidfd_open = 434;

    /// <summary>_IOWR(0xFF, 11, struct pidfd_info), its first published size (Linux 6.13).</summary>
    internal const ulong PIDFD_GET_INFO = 0xC040_FF0B;

    /// <summary>The exit status is wanted, and in the answer: it is there (Linux 6.15).</summary>
    internal const ulong PIDFD_INFO_EXIT = 1 << 3;

    internal const int F_DUPFD_CLOEXEC = 1030;

    internal const int EPOLL_CTL_ADD = 1;
    internal const int EPOLL_CTL_DEL = 2;
    internal const int EPOLL_CTL_MOD = 3;
    internal const int EPOLL_CLOEXEC = 0x80000;
    internal const uint EPOLLIN = 0x1;
    internal const uint EPOLLHUP = 0x10;

    internal const int EFD_CLOEXEC = 0x80000;
    internal const int EFD_NONBLOCK = 0x800;

    [LibraryImport("libc")]
    internal static partial int posix_spawn_file_actions_init(nint actions);

    [LibraryImport("libc")]
    internal static partial int posix_spawn_file_actions_destroy(nint actions);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int posix_spawn_file_actions_addopen(
        nint actions,
        int fd,
        string path,
        int flags,
        uint mode
    );

    [LibraryImport("libc")]
    internal static partial int posix_spawn_file_actions_adddup2(nint actions, int fd, int newFd);

    /// <summary>glibc 2.34.</summary>
    [LibraryImport("libc")]
    internal static partial int posix_spawn_file_actions_addclosefrom_np(nint actions, int from);

    [LibraryImport("libc")]
    internal static partial int posix_spawnattr_init(nint attributes);

    [LibraryImport("libc")]
    internal static partial int posix_spawnattr_destroy(nint attributes);

    [LibraryImport("libc")]
    internal static partial int posix_spawnattr_setflags(nint attributes, short flags);

    [LibraryImport("libc")]
    internal static partial int posix_spawnattr_setsigdefault(nint attributes, nint signals);

    [LibraryImport("libc")]
    internal static partial int posix_spawnattr_setsigmask(nint attributes, nint signals);

    [LibraryImport("libc")]
    internal static partial int sigemptyset(nint signals);

    [LibraryImport("libc")]
    internal static partial int sigfillset(nint signals);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int posix_spawnp(
        out int pid,
        string file,
        nint actions,
        nint attributes,
        nint arguments,
        nint environment
    );

    /// <summary>By number: glibc has a function for it from 2.36 on only.</summary>
    [LibraryImport("libc", SetLastError = true)]
    private static partial long syscall(long number, long first, long second, long third, long fourth);

    /// <summary>Set close-on-exec by the kernel.</summary>
    internal static SafeFileHandle pidfd_open(int pid) =>
        new((nint)syscall(SYS_pidfd_open, pid, 0, 0, 0), ownsHandle: true);

    internal static int pidfd_send_signal(SafeHandle pidfd, int signal) =>
        (int)syscall(SYS_pidfd_send_signal, pidfd.DangerousGetHandle(), signal, 0, 0);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial int waitid(int idType, int id, out SignalInfo info, int options);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial int fcntl(SafeHandle fd, int command, int lowest);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial int ioctl(SafeHandle fd, ulong request, ref PidfdInfo info);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial int epoll_create1(int flags);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial int epoll_ctl(SafeHandle epoll, int operation, SafeHandle fd, nint @event);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial int epoll_wait(SafeHandle epoll, nint events, int count, int timeoutMilliseconds);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial int eventfd(uint initial, int flags);

    /// <summary>The fields of siginfo_t that waitid(2) fills; 128 bytes on every 64-bit architecture.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 128)]
    internal struct SignalInfo
    {
        [FieldOffset(8)]
        internal int Code;

        [FieldOffset(16)]
        internal int Pid;

        [FieldOffset(24)]
        internal int Status;
    }

    /// <summary>struct pidfd_info as first published, 64 bytes.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 64)]
    internal struct PidfdInfo
    {
        [FieldOffset(0)]
        internal ulong Mask;

        /// <summary>As wait(2) gives it.</summary>
        [FieldOffset(60)]
        internal int ExitCode;
    }
}
