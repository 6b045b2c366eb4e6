using System.Runtime.InteropServices;

namespace MasterController.Linux.Files;

/// <summary>Gives a file of others new contents: readers see the old ones or the new ones, also after a crash.</summary>
public static class FileRewrite
{
    private const uint Permissions = 0xFFF; // of st_mode (inode(7))

    // Nobody else may read it before it has the old one's mode.
    private static readonly FileStreamOptions NewFile = new()
    {
        Mode = FileMode.CreateNew,
        Access = FileAccess.Write,
        UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
    };

    /// <summary>
    /// Written beside, given the old one's owner, group and mode, synced, and put in its place by one rename. A symbolic
    /// link is followed and stays.
    /// </summary>
    /// <exception cref="IOException">The file is as it was.</exception>
    public static void Replace(string path, ReadOnlySpan<byte> contents)
    {
        var target = File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path;
        if (Libc.statx(Libc.AT_FDCWD, target, flags: 0, Libc.STATX_BASIC_STATS, out var status) != 0)
            throw FileFailure.Of($"statx {target}", Marshal.GetLastPInvokeError());
        var directory = Path.GetDirectoryName(Path.GetFullPath(target))!;
        // Always the same name: what a crash leaves is gone after the next time.
        var temporary = Path.Combine(directory, $".{Path.GetFileName(target)}.master-controller~");
        File.Delete(temporary);
        try
        {
            using (var stream = new FileStream(temporary, NewFile))
            {
                stream.Write(contents);
                stream.Flush();
                var file = stream.SafeFileHandle;
                // The owner first: that takes away the bits for set-user-ID.
                if (
                    Libc.fchown(file, status.Uid, status.Gid) != 0
                    || Libc.fchmod(file, status.Mode & Permissions) != 0
                    || Libc.fsync(file) != 0
                )
                    throw FileFailure.Of($"write {temporary}", Marshal.GetLastPInvokeError());
            }
            DurableNames.Replace(temporary, target);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
        DurableNames.Sync(directory);
    }
}
