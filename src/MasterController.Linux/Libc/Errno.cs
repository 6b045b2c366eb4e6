using System.Runtime.InteropServices;

namespace MasterController.Linux;

/// <summary>Names and texts of error numbers, as <c>errno -l</c> lists them.</summary>
public static class Errno
{
    /// <summary>"EBUSY (Device or resource busy)"; the name only of those that the kernel's network code answers.</summary>
    public static string Describe(int errno)
    {
        var text = Marshal.GetPInvokeErrorMessage(errno);
        return NameOf(errno) is { } name ? $"{name} ({text})" : $"errno {errno} ({text})";
    }

    /// <summary>"EBUSY"; "other" for those that have no name here, so that there are never more than these.</summary>
    internal static string ShortNameOf(int errno) => NameOf(errno) ?? "other";

    // errno-base.h and errno.h of the generic ABI, which x86-64 and arm64 share.
    private static string? NameOf(int errno) =>
        errno switch
        {
            1 => "EPERM",
            2 => "ENOENT",
            3 => "ESRCH",
            4 => "EINTR",
            5 => "EIO",
            9 => "EBADF",
            11 => "EAGAIN",
            12 => "ENOMEM",
            13 => "EACCES",
            16 => "EBUSY",
            17 => "EEXIST",
            19 => "ENODEV",
            22 => "EINVAL",
            23 => "ENFILE",
            24 => "EMFILE",
            25 => "ENOTTY",
            28 => "ENOSPC",
            34 => "ERANGE",
            54 => "EXFULL",
            77 => "EBADFD",
            90 => "EMSGSIZE",
            95 => "EOPNOTSUPP",
            97 => "EAFNOSUPPORT",
            98 => "EADDRINUSE",
            99 => "EADDRNOTAVAIL",
            100 => "ENETDOWN",
            101 => "ENETUNREACH",
            105 => "ENOBUFS",
            113 => "EHOSTUNREACH",
            _ => null,
        };
}
