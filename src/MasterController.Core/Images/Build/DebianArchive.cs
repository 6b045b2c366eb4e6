using System.Formats.Tar;

namespace MasterController.Core.Images.Build;

/// <summary>Takes single files out of a .deb without unpacking the rest: <c>dpkg-deb --fsys-tarfile | tar -x</c>.</summary>
internal sealed class DebianArchive
{
    private readonly Tool _dpkgDeb = new("dpkg-deb", "dpkg");
    private readonly Tool _xz = new("xz", "xz-utils");

    /// <param name="placeFor">Where a file of the package goes; null leaves it out.</param>
    internal Task ExtractAsync(string package, Func<string, string?> placeFor, CancellationToken cancellationToken) =>
        _dpkgDeb.RunAsync(
            ["--fsys-tarfile", package],
            async output =>
            {
                await using var tar = new TarReader(output);
                while (await tar.GetNextEntryAsync(copyData: false, cancellationToken) is { } entry)
                {
                    if (entry.DataStream is { } data && placeFor(entry.Name) is { } place)
                    {
                        await using var file = File.Create(place);
                        await data.CopyToAsync(file, cancellationToken);
                    }
                }
            },
            cancellationToken
        );

    /// <summary>Unpacks "name.ko.xz" to "name.ko"; a module that is not packed stays as it is.</summary>
    internal async Task<string> UnpackModuleAsync(string path, CancellationToken cancellationToken)
    {
        if (path.EndsWith(".ko", StringComparison.Ordinal))
            return path;
        if (!path.EndsWith(".ko.xz", StringComparison.Ordinal))
            throw new ImageBuildException(
                $"the module {Path.GetFileName(path)} is compressed in an unknown way; xz is known"
            );
        var unpacked = path[..^".xz".Length];
        await using (var file = File.Create(unpacked))
            await _xz.RunAsync(["-dc", path], output => output.CopyToAsync(file, cancellationToken), cancellationToken);
        File.Delete(path);
        return unpacked;
    }
}
