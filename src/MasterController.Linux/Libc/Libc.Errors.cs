namespace MasterController.Linux;

/// <summary>Error numbers of asm-generic/errno-base.h and errno.h, which x86-64 and arm64 share.</summary>
internal static partial class Libc
{
    internal const int EPERM = 1;
    internal const int ENOENT = 2;
    internal const int ESRCH = 3;
    internal const int EINTR = 4;
    internal const int ENXIO = 6;
    internal const int ECHILD = 10;
    internal const int EAGAIN = 11;
    internal const int EBUSY = 16;
    internal const int EEXIST = 17;
    internal const int EXDEV = 18;
    internal const int ENODEV = 19;
    internal const int EINVAL = 22;
    internal const int ENOTTY = 25;
    internal const int EMLINK = 31;
    internal const int ENOSYS = 38;
    internal const int EOPNOTSUPP = 95;
    internal const int ENOBUFS = 105;
}
