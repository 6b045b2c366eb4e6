using System.Collections.Concurrent;
using MasterController.Core.Hypervisors;
using MasterController.Linux.Files;
using Microsoft.Win32.SafeHandles;

namespace MasterController.Core.Images;

/// <summary>Makes the disks of single VMs: a reflink of the root where the file system can, else a sparse overlay.</summary>
/// <remarks>
/// In overlay mode the VM's root.img is a hard link to the base: a writable layer only fits the very base that it was
/// begun on, and the link keeps that one however often the image is built anew. Nobody can write it, and by that it
/// is told from a private root.
/// </remarks>
public sealed class VmDiskStore
{
    private readonly ConcurrentDictionary<(ulong Image, ulong Vm), bool> _reflinks = new();

    /// <summary>
    /// Makes the disks in the VM's directory if they are not there yet, mode 0600, owned by <paramref name="uid"/>.
    /// What is there already is kept, whatever image it came from.
    /// </summary>
    /// <exception cref="IOException">No space, or an image whose files are gone; a repeat begins where it ended.</exception>
    public Task<VmDisks> EnsureAsync(
        ImageFiles image,
        VmDirectory directory,
        uint uid,
        CancellationToken cancellationToken
    ) => Task.Run(() => Ensure(image, directory, uid, cancellationToken), cancellationToken);

    /// <summary>The root disk comes last: when it is there, everything is.</summary>
    private VmDisks Ensure(ImageFiles image, VmDirectory directory, uint uid, CancellationToken cancellationToken)
    {
        var (root, overlay) = (directory.RootDisk, directory.OverlayDisk);
        if (File.Exists(root) && (File.GetUnixFileMode(root) & UnixFileMode.UserWrite) != 0)
            return new VmDisks(root, RootReadOnly: false, Overlay: null);
        if (!File.Exists(root) && !File.Exists(overlay) && TryPrivateRoot(image, directory, uid))
            return new VmDisks(root, RootReadOnly: false, Overlay: null);

        if (!File.Exists(overlay))
        {
            Place(
                overlay,
                uid,
                file =>
                {
                    using var template = File.OpenHandle(image.OverlayTemplate);
                    FileExtents.CopySparse(template, file, cancellationToken);
                    return true;
                }
            );
        }
        if (!File.Exists(root))
            LinkBase(image.RootDisk, root);
        DurableNames.Sync(directory.Path);
        return new VmDisks(root, RootReadOnly: true, overlay);
    }

    private bool TryPrivateRoot(ImageFiles image, VmDirectory directory, uint uid)
    {
        var fileSystems = (FileOnDisk.Of(image.RootDisk).Device, FileOnDisk.Of(directory.Path).Device);
        if (_reflinks.TryGetValue(fileSystems, out var can) && !can)
            return false;
        var done = Place(
            directory.RootDisk,
            uid,
            file =>
            {
                using var source = File.OpenHandle(image.RootDisk);
                return FileExtents.TryReflink(source, file);
            }
        );
        _reflinks[fileSystems] = done;
        if (done)
            DurableNames.Sync(directory.Path);
        return done;
    }

    /// <summary>Fills a new file under a temporary name and gives it its own when it is durable.</summary>
    private static bool Place(string path, uint uid, Func<SafeFileHandle, bool> fill)
    {
        var temporary = path + ".new";
        File.Delete(temporary);
        try
        {
            // CreateNew follows no link: the directory belongs to the VM's user, who might have left one.
            var options = new FileStreamOptions
            {
                Mode = FileMode.CreateNew,
                Access = FileAccess.ReadWrite,
                UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
                BufferSize = 0,
            };
            using (var stream = new FileStream(temporary, options))
            {
                DurableNames.SetOwner(stream.SafeFileHandle, uid);
                if (!fill(stream.SafeFileHandle))
                    return false;
                stream.Flush(flushToDisk: true);
            }
            DurableNames.Replace(temporary, path);
            return true;
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    /// <summary>Where a hard link cannot be had, a symbolic one names the version's own file.</summary>
    private static void LinkBase(string baseDisk, string name)
    {
        if (!DurableNames.TryLink(baseDisk, name))
            File.CreateSymbolicLink(name, baseDisk);
    }
}
