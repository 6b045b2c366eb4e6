using System.Security.Cryptography;
using System.Text;

namespace MasterController.Core.Images.Build;

/// <summary>
/// An operator's own files for the guest's root. Executable files in /etc/rc.d run at each boot, before the guest says
/// that it is ready.
/// </summary>
internal sealed class ExtraFiles(string folder)
{
    private readonly Tool _cp = new("cp", "coreutils");

    /// <summary>Changes with any name, mode or content.</summary>
    /// <exception cref="ImageBuildException">There is no such folder.</exception>
    internal string Fingerprint { get; } = ComputeFingerprint(folder);

    /// <summary>Over what is there: a file of the same name is replaced. Everything belongs to the guest's root.</summary>
    internal async Task CopyToAsync(string root, CancellationToken cancellationToken)
    {
        var mode = File.GetUnixFileMode(root);
        await _cp.RunAsync(
            ["--recursive", "--no-dereference", "--preserve=mode,timestamps,links", $"{folder}/.", root],
            cancellationToken
        );
        File.SetUnixFileMode(root, mode);
    }

    private static string ComputeFingerprint(string folder)
    {
        if (!Directory.Exists(folder))
            throw new ImageBuildException($"image.extra_files: there is no folder {folder}");
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var path in Directory.EnumerateFileSystemEntries(folder, "*", SearchOption.AllDirectories).Order())
        {
            var target = new FileInfo(path).LinkTarget;
            var content =
                target is not null ? target
                : File.Exists(path) ? Sha256.OfFile(path)
                : "";
            var mode = target is null ? File.GetUnixFileMode(path) : default;
            hash.AppendData(Encoding.UTF8.GetBytes($"{Path.GetRelativePath(folder, path)}\n{(int)mode}\n{content}\n"));
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
