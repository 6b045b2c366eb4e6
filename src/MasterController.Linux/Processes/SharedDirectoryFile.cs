using System.ComponentModel;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace MasterController.Linux.Processes;

/// <summary>
/// Files in a directory that belongs to a less trusted user. That user could put a link in a file's place and have
/// this process, with its greater rights, write to or read from where the link leads; so links are never followed,
/// and a file with a second name is refused.
/// </summary>
public static class SharedDirectoryFile
{
    /// <summary>
    /// Opens the file for appending and makes it, mode 0600, where it is missing; it belongs to
    /// <paramref name="ownerUid"/> afterwards. <c>install -m 0600 -o OWNER -g OWNER</c>, if that kept the content.
    /// </summary>
    /// <exception cref="IOException">Not an ordinary file with one name, or the kernel refused.</exception>
    public static SafeFileHandle OpenForAppend(string path, uint ownerUid)
    {
        var handle = Open(path, Libc.O_WRONLY | Libc.O_APPEND | Libc.O_CREAT);
        if (Libc.fchown(handle, ownerUid, ownerUid) != 0 || Libc.fchmod(handle, 0x180) != 0)
        {
            using (handle)
                throw Refused(path, Marshal.GetLastPInvokeError());
        }
        return handle;
    }

    /// <summary>Opens an existing file for reading.</summary>
    /// <exception cref="FileNotFoundException">There is none.</exception>
    /// <exception cref="IOException">Not an ordinary file with one name, or the kernel refused.</exception>
    public static SafeFileHandle OpenForReading(string path) => Open(path, flags: 0);

    /// <summary>Opens an existing file for cutting it, as copytruncate of logrotate(8) does.</summary>
    /// <exception cref="FileNotFoundException">There is none.</exception>
    /// <exception cref="IOException">Not an ordinary file with one name, or the kernel refused.</exception>
    public static SafeFileHandle OpenForWriting(string path) => Open(path, Libc.O_RDWR);

    /// <summary>mkdir -m 0700, chown -h. Repeating it is right.</summary>
    /// <exception cref="IOException">The kernel refused.</exception>
    public static void MakeDirectory(string path, uint ownerUid)
    {
        if (Libc.mkdir(path, 0x1C0) != 0 && Marshal.GetLastPInvokeError() is var errno and not Libc.EEXIST)
            throw Refused(path, errno);
        if (Libc.lchown(path, ownerUid, ownerUid) != 0)
            throw Refused(path, Marshal.GetLastPInvokeError());
    }

    private static SafeFileHandle Open(string path, int flags)
    {
        // O_NONBLOCK: a named pipe in the file's place must not hold this process up.
        var fd = Libc.open(path, flags | Libc.O_NOFOLLOW | Libc.O_NONBLOCK | Libc.O_CLOEXEC, 0x180);
        if (fd < 0)
            throw Refused(path, Marshal.GetLastPInvokeError());
        var handle = new SafeFileHandle(fd, ownsHandle: true);
        if (Libc.statx(fd, "", Libc.AT_EMPTY_PATH, Libc.STATX_BASIC_STATS, out var status) != 0)
        {
            using (handle)
                throw Refused(path, Marshal.GetLastPInvokeError());
        }
        if ((status.Mode & Libc.S_IFMT) == Libc.S_IFREG && status.Links == 1)
            return handle;
        handle.Dispose();
        throw new IOException($"{path} is not an ordinary file with one name");
    }

    private static IOException Refused(string path, int errno)
    {
        var message = $"{path}: {Marshal.GetPInvokeErrorMessage(errno)}";
        return errno == Libc.ENOENT
            ? new FileNotFoundException(message, path)
            : new IOException(message, new Win32Exception(errno));
    }
}
