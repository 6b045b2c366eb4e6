using System.Security.Cryptography;
using MasterController.Core.Images.Build;
using MasterController.Linux.Files;

namespace MasterController.Core.Images;

/// <summary>The images on this host: a folder each under "images" in the state directory.</summary>
/// <remarks>
/// The folder of an image is a symbolic link to the folder of its newest version, ".name-checksum". A build changes
/// the link by one rename; versions never change, so paths that were handed out stay true until
/// <see cref="RemoveReplaced"/>.
/// </remarks>
/// <param name="directory">The "images" directory itself; it need not be there yet.</param>
public sealed class ImageCatalog(string directory)
{
    private const int LongestName = 63;

    private readonly string _directory = directory;

    /// <summary>Lower-case letters, digits, '-' and '.', beginning with a letter or digit, 63 characters at most.</summary>
    public static bool IsValidName(string name) =>
        name.Length is > 0 and <= LongestName
        && char.IsAsciiLetterOrDigit(name[0])
        && name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '-' or '.');

    /// <summary>Complete images only: every file that the manifest names is there, with its size.</summary>
    public IReadOnlyList<ImageInfo> List()
    {
        if (!Directory.Exists(_directory))
            return [];
        List<ImageInfo> images = [];
        foreach (var name in Directory.EnumerateDirectories(_directory).Select(Path.GetFileName).Order())
        {
            if (name is null || Open(name) is not var (folder, manifest))
                continue;
            var size = ImageManifest.FileNames.Sum(f => FileOnDisk.Of(Path.Combine(folder, f)).AllocatedBytes);
            var checksum = Sha256.OfFile(Path.Combine(folder, ImageManifest.FileName));
            images.Add(
                new ImageInfo(name, manifest.KernelRelease, size, checksum, manifest.CreatedAt, manifest.IsOutdated)
            );
        }
        return images;
    }

    /// <summary>Null where the image is missing or not complete.</summary>
    public ImageFiles? Find(string name) => Open(name) is var (folder, _) ? FilesIn(name, folder) : null;

    /// <summary>Reads every file of an image and compares it with the manifest.</summary>
    /// <returns>The files that differ; none means that the image is whole. Null where there is no such image.</returns>
    public async Task<IReadOnlyList<string>?> VerifyAsync(string name, CancellationToken cancellationToken)
    {
        if (Open(name) is not var (folder, manifest))
            return null;
        List<string> wrong = [];
        foreach (var file in ImageManifest.FileNames)
        {
            var actual = await Sha256.OfFileAsync(Path.Combine(folder, file), cancellationToken);
            if (actual != manifest.Files[file].Sha256)
                wrong.Add(file);
        }
        return wrong;
    }

    /// <summary>
    /// Deletes versions that a newer build has replaced, except those that hold one of the given root disks (with
    /// symbolic links resolved). VMs whose base is a hard link need not be named. Not while a VM is being started.
    /// </summary>
    /// <returns>The deleted folders.</returns>
    public IReadOnlyList<string> RemoveReplaced(IReadOnlySet<string> rootDisksInUse)
    {
        if (!Directory.Exists(_directory))
            return [];
        var kept = Directory
            .EnumerateDirectories(_directory)
            .Select(path => new DirectoryInfo(path).LinkTarget)
            .OfType<string>()
            .Select(version => Path.Combine(_directory, version))
            .Concat(rootDisksInUse.Select(disk => Path.GetDirectoryName(disk)!))
            .ToHashSet();
        List<string> removed = [];
        foreach (var folder in Directory.EnumerateDirectories(_directory, ".*"))
        {
            if (!IsVersion(Path.GetFileName(folder)) || kept.Contains(folder))
                continue;
            Directory.Delete(folder, recursive: true);
            removed.Add(folder);
        }
        return removed;
    }

    /// <summary>The folder of a version, named so that the same contents have the same name.</summary>
    internal string VersionFolder(string name, string manifestSha256) =>
        Path.Combine(_directory, $".{name}-{manifestSha256[..VersionDigits]}");

    private const int VersionDigits = 16;

    private static bool IsVersion(string folder) =>
        folder.Length > VersionDigits + 2
        && folder[^(VersionDigits + 1)] == '-'
        && !folder.StartsWith(BuildWorkspace.Prefix, StringComparison.Ordinal)
        && folder.AsSpan(folder.Length - VersionDigits).IndexOfAnyExcept("0123456789abcdef") < 0;

    private (string Folder, ImageManifest Manifest)? Open(string name)
    {
        if (!IsValidName(name))
            return null;
        // The link is read once, so that all paths handed out are of one version.
        var path = Path.Combine(_directory, name);
        var folder = new DirectoryInfo(path).LinkTarget is { } version ? Path.Combine(_directory, version) : path;
        return ImageManifest.Read(folder) is { } manifest && manifest.IsComplete(folder) ? (folder, manifest) : null;
    }

    private static ImageFiles FilesIn(string name, string folder) =>
        new(
            name,
            Path.Combine(folder, ImageManifest.KernelElf),
            Path.Combine(folder, ImageManifest.KernelBzImage),
            Path.Combine(folder, ImageManifest.Initramfs),
            Path.Combine(folder, ImageManifest.RootDisk),
            Path.Combine(folder, ImageManifest.OverlayTemplate)
        );
}

/// <param name="SizeBytes">What its files take on the disk, holes not counted.</param>
/// <param name="Kernel">The kernel release ("6.1.0-56-cloud-amd64").</param>
/// <param name="Sha256">Of the manifest, which holds the checksums of the files.</param>
/// <param name="IsOutdated">
/// Built before guests were told all that they are told now: those of such an image do not configure IPv6.
/// </param>
public sealed record ImageInfo(
    string Name,
    string Kernel,
    long SizeBytes,
    string Sha256,
    DateTimeOffset CreatedAt,
    bool IsOutdated = false
);
