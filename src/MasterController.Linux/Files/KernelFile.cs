using System.Runtime.InteropServices;

namespace MasterController.Linux.Files;

/// <summary>
/// Files of /proc and /dev, which are no files: three calls to the kernel for a write, where .NET's own also lock, ask for
/// the file system and try to seek.
/// </summary>
public static class KernelFile
{
    /// <summary><c>printf TEXT >PATH</c></summary>
    /// <exception cref="IOException">There is no such file, or the kernel does not take the text.</exception>
    public static void Write(string path, ReadOnlySpan<byte> text)
    {
        using var file = Libc.open(path, Libc.O_WRONLY | Libc.O_CLOEXEC);
        if (file.IsInvalid)
            throw FileFailure.Of(path, Marshal.GetLastPInvokeError());
        nint written;
        do written = Libc.write(file, text, (nuint)text.Length);
        while (written < 0 && Marshal.GetLastPInvokeError() == Libc.EINTR);
        if (written != text.Length)
            throw FileFailure.Of(path, Marshal.GetLastPInvokeError());
    }
}
