using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace MasterController.Linux.Files;

/// <summary>Names of files that are right after a crash: written beside, synced, put in place by one rename.</summary>
public static class DurableNames
{
    private const uint SameGroup = uint.MaxValue; // chown(2): -1 leaves it

    /// <summary>Puts a file or link in the place of another in one instant: <c>mv -T from to</c>.</summary>
    /// <exception cref="IOException">Nothing has changed.</exception>
    public static void Replace(string from, string to)
    {
        if (Libc.rename(from, to) != 0)
            throw FileFailure.Of($"rename {from} to {to}", Marshal.GetLastPInvokeError());
    }

    /// <summary>
    /// Gives a file its whole contents, new or in the place of others; after a crash it has the old ones or the new ones.
    /// </summary>
    /// <exception cref="IOException">What was there is there still.</exception>
    public static void Write(string path, ReadOnlySpan<byte> contents)
    {
        var temporary = $"{path}~";
        File.WriteAllBytes(temporary, contents);
        Sync(temporary);
        Replace(temporary, path);
        Sync(Path.GetDirectoryName(Path.GetFullPath(path))!);
    }

    /// <summary>Gives a file one more name: <c>ln existing name</c>.</summary>
    /// <returns>False across file systems, beyond the most links a file may have, or where links are forbidden.</returns>
    /// <exception cref="IOException">Any other reason, the name being taken among them.</exception>
    public static bool TryLink(string existing, string name)
    {
        if (Libc.link(existing, name) == 0)
            return true;
        var errno = Marshal.GetLastPInvokeError();
        return errno is Libc.EXDEV or Libc.EMLINK or Libc.EPERM
            ? false
            : throw FileFailure.Of($"link {existing} to {name}", errno);
    }

    /// <summary>Makes the contents of a file, or the names in a directory, durable: <c>sync path</c>.</summary>
    /// <exception cref="IOException">The disk has lost what was written, or the path is not there.</exception>
    public static void Sync(string path)
    {
        using var handle = Libc.open(path, Libc.O_RDONLY | Libc.O_CLOEXEC);
        if (handle.IsInvalid)
            throw FileFailure.Of($"open {path}", Marshal.GetLastPInvokeError());
        if (Libc.fsync(handle) != 0)
            throw FileFailure.Of($"fsync {path}", Marshal.GetLastPInvokeError());
    }

    /// <summary>Gives an open file to a user, the group staying as it is: <c>chown uid file</c>.</summary>
    /// <exception cref="IOException">Not allowed: it needs CAP_CHOWN.</exception>
    public static void SetOwner(SafeFileHandle file, uint uid)
    {
        if (Libc.fchown(file, uid, SameGroup) != 0)
            throw FileFailure.Of($"chown to user {uid}", Marshal.GetLastPInvokeError());
    }
}
