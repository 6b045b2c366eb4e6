using MasterController.Linux.Files;

namespace MasterController.Core.Images.Build;

/// <summary>Makes ext4 file systems in sparse files, from a folder and without mounting.</summary>
internal sealed class Ext4
{
    /// <summary>Fixed, so that the same contents give the same file system as far as mke2fs goes.</summary>
    private const string HashSeed = "6d617374-6572-4463-8f6e-74726f6c6c72";

    private readonly Tool _mke2fs = new("mke2fs", "e2fsprogs");
    private readonly Tool _e2fsck = new("e2fsck", "e2fsprogs");

    /// <summary><c>mke2fs -t ext4 -d folder path</c>. The inode tables are holes that count as zeroed.</summary>
    /// <param name="sizeBytes">As the guest sees it; the file takes what the contents and an 8 MiB journal take.</param>
    internal async Task MakeAsync(
        string path,
        string uuid,
        string label,
        long sizeBytes,
        string folder,
        CancellationToken cancellationToken
    )
    {
        using (var file = File.OpenHandle(path, FileMode.CreateNew, FileAccess.Write))
            RandomAccess.SetLength(file, sizeBytes);
        await _mke2fs.RunAsync(
            [
                "-q",
                "-F",
                "-t",
                "ext4",
                "-m",
                "0",
                "-J",
                "size=8",
                "-L",
                label,
                "-U",
                uuid,
                "-E",
                $"hash_seed={HashSeed},root_owner=0:0,lazy_itable_init=1,lazy_journal_init=1",
                "-d",
                folder,
                path,
            ],
            cancellationToken
        );
        DurableNames.Sync(path);
    }

    /// <summary><c>e2fsck -fn path</c>: reads everything, changes nothing.</summary>
    internal Task CheckAsync(string path, CancellationToken cancellationToken) =>
        _e2fsck.RunAsync(["-fn", path], cancellationToken);
}
