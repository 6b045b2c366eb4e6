using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace MasterController.Linux;

/// <summary>The calls of libc that the host network needs; the names and numbers are the kernel's.</summary>
internal static partial class Libc
{
    internal const int CLONE_NEWNET = 0x40000000; // linux/sched.h

    internal const int AF_UNSPEC = 0;
    internal const int AF_INET = 2;
    internal const int AF_BRIDGE = 7;
    internal const int AF_INET6 = 10;
    internal const int AF_NETLINK = 16;
    internal const int SOCK_DGRAM = 2;
    internal const int SOCK_RAW = 3;
    internal const int SOCK_CLOEXEC = 0x80000;
    internal const int NETLINK_ROUTE = 0;
    internal const int NETLINK_SOCK_DIAG = 4;
    internal const int NETLINK_NETFILTER = 12;

    internal const int SOL_SOCKET = 1;
    internal const int SO_SNDBUFFORCE = 32;
    internal const int SO_RCVBUFFORCE = 33;
    internal const int SOL_NETLINK = 270;

    internal const int MSG_TRUNC = 0x20;

    internal const nuint SIOCGIFINDEX = 0x8933; // linux/sockios.h

    /// <summary>unshare(2): gives the calling thread namespaces of its own.</summary>
    [LibraryImport("libc", SetLastError = true)]
    internal static partial int unshare(int flags);

    /// <summary>setns(2): moves the calling thread, and only it, into a namespace.</summary>
    [LibraryImport("libc", SetLastError = true)]
    internal static partial int setns(SafeFileHandle fd, int nstype);

    /// <summary>socket(2).</summary>
    [LibraryImport("libc", SetLastError = true)]
    internal static partial SafeFileHandle socket(int domain, int type, int protocol);

    /// <summary>bind(2) of a netlink socket.</summary>
    [LibraryImport("libc", SetLastError = true)]
    internal static partial int bind(SafeFileHandle fd, in NetlinkAddress address, uint length);

    /// <summary>setsockopt(2) with an int.</summary>
    [LibraryImport("libc", SetLastError = true)]
    internal static partial int setsockopt(SafeFileHandle fd, int level, int name, in int value, uint length);

    /// <summary>send(2).</summary>
    [LibraryImport("libc", SetLastError = true)]
    internal static unsafe partial nint send(SafeFileHandle fd, byte* buffer, nuint length, int flags);

    /// <summary>recv(2).</summary>
    [LibraryImport("libc", SetLastError = true)]
    internal static unsafe partial nint recv(SafeFileHandle fd, byte* buffer, nuint length, int flags);

    /// <summary>ioctl(2) with a struct ifreq (netdevice(7)).</summary>
    [LibraryImport("libc", SetLastError = true)]
    internal static partial int ioctl(SafeFileHandle fd, nuint request, ref InterfaceRequest argument);

    /// <summary>ioctl(2) with a number for an argument.</summary>
    [LibraryImport("libc", SetLastError = true)]
    internal static partial int ioctl(SafeFileHandle fd, nuint request, nuint argument);

    /// <summary>struct sockaddr_nl</summary>
    [StructLayout(LayoutKind.Sequential, Size = 12)]
    internal struct NetlinkAddress
    {
        internal ushort Family;

        /// <summary>0 has the kernel choose.</summary>
        internal uint Port;
        internal uint Groups;
    }
}
