using System.Runtime.InteropServices;

namespace MasterController.Linux;

/// <summary>Limits of a process (asm-generic/resource.h).</summary>
internal static partial class Libc
{
    internal const int RLIMIT_NOFILE = 7;

    /// <summary>getrlimit(2).</summary>
    [LibraryImport("libc", SetLastError = true)]
    internal static partial int getrlimit(int resource, out ResourceLimit limit);

    /// <summary>setrlimit(2).</summary>
    [LibraryImport("libc", SetLastError = true)]
    internal static partial int setrlimit(int resource, in ResourceLimit limit);

    /// <summary>gettid(2); glibc 2.30.</summary>
    [LibraryImport("libc")]
    internal static partial int gettid();

    /// <summary>struct rlimit of 64-bit systems.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct ResourceLimit
    {
        internal ulong Soft;
        internal ulong Hard;
    }
}
