using System.Globalization;
using System.Text.RegularExpressions;

namespace MasterController.Core.Images.Build;

/// <summary>
/// Finds and fetches packages from the package sources that this machine has configured. apt checks the signatures
/// of the lists, the lists have the checksums of the packages, and those are compared here.
/// </summary>
/// <param name="options">Given to every call of apt ("-o", "Dir::State::lists=…"); empty for the machine's own.</param>
/// <param name="packageDirectory">Where packages may lie already; they must be the very ones of apt's lists.</param>
internal sealed partial class AptPackages(IReadOnlyList<string> options, string? packageDirectory)
{
    private const string KernelMetapackage = "linux-image-cloud-amd64";
    private const string BusyboxPackage = "busybox-static";

    private static readonly TimeSpan ProgressInterval = TimeSpan.FromMilliseconds(200);

    private readonly Tool _aptCache = new("apt-cache", "apt");
    private readonly Tool _aptGet = new("apt-get", "apt");

    /// <summary>The newest kernel for clouds, by way of the metapackage that depends on it, and BusyBox.</summary>
    internal async Task<PackageSet> ChooseAsync(CancellationToken cancellationToken)
    {
        var metapackage = await ShowAsync(KernelMetapackage, cancellationToken);
        var kernelName = KernelDependency().Match(metapackage.GetValueOrDefault("Depends", ""))
            is { Success: true } match
            ? match.Value
            : throw new ImageBuildException($"{KernelMetapackage} does not depend on a kernel package");
        return new PackageSet([
            PackageOf(await ShowAsync(kernelName, cancellationToken)),
            PackageOf(await ShowAsync(BusyboxPackage, cancellationToken)),
        ]);
    }

    /// <summary>Fetches what is not there yet, or not whole. Gives the files in the order of the packages.</summary>
    /// <param name="report">Part of the bytes that are there, and what is being fetched.</param>
    internal async Task<IReadOnlyList<string>> DownloadAsync(
        PackageSet packages,
        string folder,
        Action<double, string> report,
        TimeProvider clock,
        CancellationToken cancellationToken
    )
    {
        Directory.CreateDirectory(folder);
        var total = packages.Packages.Sum(p => p.SizeBytes);
        long before = 0;
        List<string> files = [];
        foreach (var package in packages.Packages)
        {
            var file = Path.Combine(folder, $"{package.Name}.deb");
            if (await FindLocalAsync(package, cancellationToken) is { } local)
            {
                File.Copy(local, file, overwrite: true);
            }
            else if (!await IsWholeAsync(file, package, cancellationToken))
            {
                var arriving = Path.Combine(folder, "arriving");
                if (Directory.Exists(arriving))
                    Directory.Delete(arriving, recursive: true);
                Directory.CreateDirectory(arriving);
                await FetchAsync(
                    package,
                    arriving,
                    bytes =>
                        report(
                            (double)(before + bytes) / total,
                            $"{package.Name} {Megabytes(bytes)} of {Megabytes(package.SizeBytes)} MB"
                        ),
                    clock,
                    cancellationToken
                );
                var fetched =
                    Directory.EnumerateFiles(arriving, "*.deb").FirstOrDefault()
                    ?? throw new ImageBuildException($"apt-get has not left {package.Name} in {arriving}");
                if (!await IsWholeAsync(fetched, package, cancellationToken))
                    throw new ImageBuildException(
                        $"{package.Name} {package.Version} arrived with another SHA-256 than the package lists have; run apt-get update and build again"
                    );
                File.Move(fetched, file, overwrite: true);
                Directory.Delete(arriving, recursive: true);
            }
            files.Add(file);
            before += package.SizeBytes;
        }
        return files;
    }

    private async Task<string?> FindLocalAsync(DebianPackage package, CancellationToken cancellationToken)
    {
        if (packageDirectory is null || !Directory.Exists(packageDirectory))
            return null;
        foreach (var file in Directory.EnumerateFiles(packageDirectory, $"{package.Name}_*.deb"))
        {
            if (await IsWholeAsync(file, package, cancellationToken))
                return file;
        }
        return null;
    }

    private async Task FetchAsync(
        DebianPackage package,
        string folder,
        Action<long> report,
        TimeProvider clock,
        CancellationToken cancellationToken
    )
    {
        // apt's sandbox user may not write here; the checksum is compared in any case.
        string[] arguments = [.. options, "-q", "-o", "APT::Sandbox::User=root", "download"];
        var fetch = _aptGet.RunAsync([.. arguments, $"{package.Name}={package.Version}"], cancellationToken, folder);
        while (!fetch.IsCompleted)
        {
            report(new DirectoryInfo(folder).EnumerateFiles().Sum(f => f.Exists ? f.Length : 0));
            await Task.WhenAny(fetch, Task.Delay(ProgressInterval, clock, cancellationToken));
        }
        await fetch;
    }

    private static async Task<bool> IsWholeAsync(
        string file,
        DebianPackage package,
        CancellationToken cancellationToken
    ) => File.Exists(file) && await Sha256.OfFileAsync(file, cancellationToken) == package.Sha256;

    /// <summary>The fields of the version that apt would install (deb822(5)), continuation lines left out.</summary>
    private async Task<Dictionary<string, string>> ShowAsync(string package, CancellationToken cancellationToken)
    {
        string text;
        try
        {
            text = await _aptCache.RunAsync([.. options, "show", "--no-all-versions", package], cancellationToken);
        }
        catch (ImageBuildException failure)
            when (failure.Message.Contains("No packages found", StringComparison.Ordinal))
        {
            text = "";
        }
        Dictionary<string, string> fields = [];
        foreach (var line in text.Split('\n'))
        {
            if (line.Length == 0 && fields.Count > 0)
                break;
            var colon = line.IndexOf(':');
            if (colon > 0 && line[0] != ' ')
                fields[line[..colon]] = line[(colon + 1)..].Trim();
        }
        return fields.Count > 0
            ? fields
            : throw new ImageBuildException(
                $"apt knows no package {package}: run apt-get update, on Debian for amd64 with its \"main\" sources configured"
            );
    }

    private static DebianPackage PackageOf(Dictionary<string, string> fields) =>
        fields.TryGetValue("SHA256", out var sha256)
        && fields.TryGetValue("Size", out var size)
        && long.TryParse(size, NumberStyles.None, CultureInfo.InvariantCulture, out var bytes)
            ? new DebianPackage(fields["Package"], fields["Version"], bytes, sha256)
            : throw new ImageBuildException(
                $"{fields["Package"]} is in no package source (only installed here): run apt-get update"
            );

    private static string Megabytes(long bytes) => (bytes / 1e6).ToString("0.0", CultureInfo.InvariantCulture);

    [GeneratedRegex(@"\blinux-image-\S+-cloud-amd64\b")]
    private static partial Regex KernelDependency();
}

/// <param name="SizeBytes">Of the .deb.</param>
/// <param name="Sha256">Of the .deb.</param>
internal sealed record DebianPackage(string Name, string Version, long SizeBytes, string Sha256);

internal sealed record PackageSet(IReadOnlyList<DebianPackage> Packages);
