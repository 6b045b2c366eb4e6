using System.Runtime.InteropServices;

namespace MasterController.Linux.Files;

/// <summary>The group that a file belongs to.</summary>
public static class FileGroup
{
    private const uint Unchanged = uint.MaxValue;

    /// <summary>Gives a file to a group: <c>chgrp group path</c>.</summary>
    /// <exception cref="IOException">There is no such group in /etc/group (group(5)), or the kernel refused.</exception>
    public static void Set(string path, string group)
    {
        var id = AccountFiles.GroupOf(group) ?? throw new IOException($"there is no group \"{group}\" in /etc/group");
        if (Libc.chown(path, Unchanged, id) != 0)
            throw new IOException($"chgrp {group} {path}: {Marshal.GetLastPInvokeErrorMessage()}");
    }
}
