using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace MasterController.Linux.Files;

/// <summary>Copies of files that share blocks or keep holes.</summary>
public static class FileExtents
{
    private const nuint FICLONE = 0x4004_9409; // linux/fs.h: _IOW(0x94, 9, int)
    private const int SEEK_DATA = 3; // linux/fs.h
    private const int SEEK_HOLE = 4;

    /// <summary>
    /// Lets an empty file share every block of another until one of them is written (ioctl_ficlone(2)):
    /// <c>cp --reflink=always</c>.
    /// </summary>
    /// <returns>False where the file system, or the pair of them, cannot; nothing has happened then.</returns>
    /// <exception cref="IOException">It could in principle, and failed.</exception>
    public static bool TryReflink(SafeFileHandle source, SafeFileHandle destination)
    {
        if (Libc.ioctl(destination, FICLONE, source) == 0)
            return true;
        var errno = Marshal.GetLastPInvokeError();
        return errno is Libc.EOPNOTSUPP or Libc.EXDEV or Libc.EINVAL or Libc.ENOTTY or Libc.ENOSYS
            ? false
            : throw FileFailure.Of("FICLONE", errno);
    }

    /// <summary>Copies the data of a file and leaves its holes: <c>cp --sparse=auto --reflink=never</c>.</summary>
    /// <param name="destination">Empty, and opened for writing.</param>
    /// <exception cref="IOException">What is written so far has to be thrown away.</exception>
    public static void CopySparse(
        SafeFileHandle source,
        SafeFileHandle destination,
        CancellationToken cancellationToken
    )
    {
        var length = RandomAccess.GetLength(source);
        RandomAccess.SetLength(destination, length);
        for (long end, start = 0; start < length; start = end)
        {
            start = Libc.lseek(source, start, SEEK_DATA);
            if (start < 0)
            {
                var errno = Marshal.GetLastPInvokeError();
                if (errno == Libc.ENXIO) // nothing but a hole up to the end
                    return;
                throw FileFailure.Of("lseek SEEK_DATA", errno);
            }
            end = Libc.lseek(source, start, SEEK_HOLE);
            if (end < 0)
                throw FileFailure.Of("lseek SEEK_HOLE", Marshal.GetLastPInvokeError());
            CopyRange(source, destination, start, end, cancellationToken);
        }
    }

    private static void CopyRange(
        SafeFileHandle source,
        SafeFileHandle destination,
        long start,
        long end,
        CancellationToken cancellationToken
    )
    {
        var from = start;
        var to = start;
        while (from < end)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var copied = Libc.copy_file_range(source, ref from, destination, ref to, (nuint)(end - from), flags: 0);
            if (copied > 0)
                continue;
            var errno = Marshal.GetLastPInvokeError();
            if (copied < 0 && errno is not (Libc.EXDEV or Libc.EINVAL or Libc.EOPNOTSUPP or Libc.ENOSYS))
                throw FileFailure.Of("copy_file_range", errno);
            // Between two kinds of file systems the bytes have to come through user space; 0 is what some virtual
            // ones answer for the same reason.
            CopyThroughMemory(source, destination, from, end, cancellationToken);
            return;
        }
    }

    private static void CopyThroughMemory(
        SafeFileHandle source,
        SafeFileHandle destination,
        long start,
        long end,
        CancellationToken cancellationToken
    )
    {
        var buffer = new byte[(int)Math.Min(end - start, 1 << 20)];
        while (start < end)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var read = RandomAccess.Read(source, buffer.AsSpan(0, (int)Math.Min(end - start, buffer.Length)), start);
            if (read == 0)
                throw new EndOfStreamException("the file became shorter while it was copied");
            RandomAccess.Write(destination, buffer.AsSpan(0, read), start);
            start += read;
        }
    }
}
