using System.Text.Json;
using MasterController.Core.Operations;
using MasterController.Linux.Files;

namespace MasterController.Core.Images.Build;

/// <summary>
/// One build of an image, step by step. Each step leaves files in the work folder that a later run recognises.
/// <list type="number">
/// <item>choose packages: kernel and BusyBox, versions and checksums from apt's lists</item>
/// <item>download packages</item>
/// <item>unpack: the kernel, its modules and BusyBox, nothing else</item>
/// <item>kernel: the ELF out of the bzImage</item>
/// <item>initramfs</item>
/// <item>root file system</item>
/// <item>overlay template</item>
/// <item>verify: the files are what they should be; the manifest</item>
/// <item>publish: a version folder, and one rename</item>
/// </list>
/// </summary>
internal sealed class ImageBuild
{
    /// <summary>To be raised when the same packages and guest files would give another image than before.</summary>
    private const string RecipeVersion = "2";

    private const string Choose = "choose packages";
    private const string Download = "download packages";
    private const string Unpack = "unpack";
    private const string Kernel = "kernel";
    private const string FirstRoot = "initramfs";
    private const string Root = "root file system";
    private const string Overlay = "overlay template";
    private const string Verify = "verify";
    private const string Publish = "publish";

    private const long LeastFreeSpace = 512L << 20;
    private const string RootUuid = "6d617374-6572-4463-8001-000000000001";
    private const string OverlayUuid = "6d617374-6572-4463-8001-000000000002";

    private const UnixFileMode ReadOnly = UnixFileMode.UserRead | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    private readonly string _name;
    private readonly string _imagesDirectory;
    private readonly ImageCatalog _catalog;
    private readonly OperationRun _run;
    private readonly TimeProvider _clock;
    private readonly AptPackages _apt;
    private readonly long _diskSize;
    private readonly ExtraFiles? _extraFiles;
    private readonly BuildWorkspace _work;
    private readonly DebianArchive _archive = new();
    private readonly Ext4 _ext4 = new();
    private readonly List<string> _done = [];

    internal ImageBuild(
        string name,
        string imagesDirectory,
        ImageCatalog catalog,
        OperationRun run,
        ImageBuildOptions options,
        TimeProvider clock
    )
    {
        (_name, _imagesDirectory, _catalog, _run, _clock) = (name, imagesDirectory, catalog, run, clock);
        _apt = new AptPackages(options.AptOptions, options.PackageDirectory);
        _diskSize = options.DiskSizeBytes;
        _extraFiles = options.ExtraFiles is { } folder ? new ExtraFiles(folder) : null;
        CheckFreeSpace(imagesDirectory);
        _work = new BuildWorkspace(
            imagesDirectory,
            name,
            $"{RecipeVersion} {GuestFiles.Fingerprint} {_extraFiles?.Fingerprint}",
            run.Id
        );
    }

    internal static IReadOnlyList<string> Steps { get; } =
    [Choose, Download, Unpack, Kernel, FirstRoot, Root, Overlay, Verify, Publish];

    private string PackagesFile => _work.Folder("packages.json");

    private string Busybox => Path.Combine(_work.Folder("unpacked"), "busybox");

    private string Release => File.ReadAllText(Path.Combine(_work.Folder("unpacked"), "release"));

    /// <summary>Runs all steps; those whose results are there already are only checked.</summary>
    internal async Task RunAsync(CancellationToken cancellationToken)
    {
        await StepAsync(Choose, ChoosePackagesAsync, cancellationToken);
        await StepAsync(Download, DownloadAsync, cancellationToken);
        await StepAsync(Unpack, UnpackAsync, cancellationToken);
        await StepAsync(Kernel, ExtractKernelAsync, cancellationToken);
        await StepAsync(FirstRoot, WriteInitramfsAsync, cancellationToken);
        await StepAsync(Root, MakeRootAsync, cancellationToken);
        await StepAsync(Overlay, MakeOverlayAsync, cancellationToken);
        await StepAsync(Verify, VerifyAsync, cancellationToken);
        await _run.StepAsync(
            Publish,
            _ => Task.Run(PublishImage, CancellationToken.None),
            undo: null,
            cancellationToken
        );
    }

    /// <summary>For when the operation is stored as succeeded: until then a crash needs the results.</summary>
    internal void CleanUp() => _work.Delete();

    private Task StepAsync(
        string step,
        Func<CancellationToken, Task<IReadOnlyList<string>>> make,
        CancellationToken cancellationToken
    ) =>
        _run.StepAsync(
            step,
            async token =>
            {
                Report(part: 0, step);
                if (!await _work.IsFinishedAsync(step, _done, token))
                    await _work.RecordAsync(step, _done, await make(token), token);
                _done.Add(step);
            },
            undo: null,
            cancellationToken,
            journalled: true
        );

    private async Task<IReadOnlyList<string>> ChoosePackagesAsync(CancellationToken cancellationToken)
    {
        var packages = await _apt.ChooseAsync(cancellationToken);
        var json = JsonSerializer.SerializeToUtf8Bytes(packages, ImagesJson.Default.PackageSet);
        await File.WriteAllBytesAsync(PackagesFile, json, cancellationToken);
        return [PackagesFile];
    }

    private Task<IReadOnlyList<string>> DownloadAsync(CancellationToken cancellationToken) =>
        _apt.DownloadAsync(ReadPackages(), _work.Folder("packages"), Report, _clock, cancellationToken);

    private async Task<IReadOnlyList<string>> UnpackAsync(CancellationToken cancellationToken)
    {
        var folder = _work.FreshFolder("unpacked");
        string? release = null;
        HashSet<string> modules = [];
        string? PlaceFor(string entry)
        {
            var file = entry[(entry.LastIndexOf('/') + 1)..];
            if (entry.EndsWith("/bin/busybox", StringComparison.Ordinal) || file == "modules.builtin")
                return Path.Combine(folder, file);
            if (entry.Contains("/boot/vmlinuz-", StringComparison.Ordinal))
            {
                release = file["vmlinuz-".Length..];
                return _work.NewImage(ImageManifest.KernelBzImage);
            }
            return GuestModules.NameOf(entry) is { } module && modules.Add(module) ? Path.Combine(folder, file) : null;
        }

        foreach (var package in ReadPackages().Packages)
        {
            var deb = Path.Combine(_work.Folder("packages"), $"{package.Name}.deb");
            await _archive.ExtractAsync(deb, PlaceFor, cancellationToken);
        }
        if (release is null)
            throw new ImageBuildException("the kernel package has no /boot/vmlinuz-…");
        if (!File.Exists(Busybox))
            throw new ImageBuildException("the BusyBox package has no /bin/busybox");
        File.SetUnixFileMode(Busybox, ReadOnly | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        await File.WriteAllTextAsync(Path.Combine(folder, "release"), release, cancellationToken);
        await WriteModuleOrderAsync(folder, modules, cancellationToken);
        await WriteAppletsAsync(folder, cancellationToken);
        return [_work.Image(ImageManifest.KernelBzImage), .. Directory.EnumerateFiles(folder)];
    }

    private async Task WriteModuleOrderAsync(
        string folder,
        HashSet<string> modules,
        CancellationToken cancellationToken
    )
    {
        foreach (var packed in Directory.GetFiles(folder, "*.ko*"))
            await _archive.UnpackModuleAsync(packed, cancellationToken);
        var builtIn = Path.Combine(folder, "modules.builtin");
        var order = GuestModules.Order(
            modules,
            File.Exists(builtIn) ? await File.ReadAllTextAsync(builtIn, cancellationToken) : ""
        );
        await File.WriteAllLinesAsync(Path.Combine(folder, "modules.order"), order, cancellationToken);
    }

    /// <summary>Only BusyBox itself knows which programs it was built with.</summary>
    private async Task WriteAppletsAsync(string folder, CancellationToken cancellationToken)
    {
        var list = await new Tool(Busybox, "busybox-static").RunAsync(["--list"], cancellationToken);
        var applets = list.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Where(applet => applet is not "busybox" && !applet.Contains('/'));
        await File.WriteAllLinesAsync(Path.Combine(folder, "applets"), applets, cancellationToken);
    }

    private async Task<IReadOnlyList<string>> ExtractKernelAsync(CancellationToken cancellationToken)
    {
        var elf = _work.NewImage(ImageManifest.KernelElf);
        var bzImage = await File.ReadAllBytesAsync(_work.Image(ImageManifest.KernelBzImage), cancellationToken);
        await using (var file = File.Create(elf))
            BzImage.ExtractElf(bzImage, file);
        ElfKernel.Check(elf);
        return [elf];
    }

    private Task<IReadOnlyList<string>> WriteInitramfsAsync(CancellationToken cancellationToken)
    {
        var folder = _work.Folder("unpacked");
        var modules = File.ReadAllLines(Path.Combine(folder, "modules.order"));
        var path = _work.NewImage(ImageManifest.Initramfs);
        Initramfs.Write(path, Busybox, ReadApplets(), [.. modules.Select(m => Path.Combine(folder, $"{m}.ko"))]);
        return Task.FromResult<IReadOnlyList<string>>([path]);
    }

    private async Task<IReadOnlyList<string>> MakeRootAsync(CancellationToken cancellationToken)
    {
        var folder = _work.FreshFolder("root");
        RootFileSystem.LayOut(folder, Busybox, ReadApplets());
        if (_extraFiles is not null)
            await _extraFiles.CopyToAsync(folder, cancellationToken);
        var disk = _work.NewImage(ImageManifest.RootDisk);
        await _ext4.MakeAsync(disk, RootUuid, "root", _diskSize, folder, cancellationToken);
        return [disk];
    }

    private async Task<IReadOnlyList<string>> MakeOverlayAsync(CancellationToken cancellationToken)
    {
        var folder = _work.FreshFolder("overlay");
        Directory.CreateDirectory(Path.Combine(folder, "upper"));
        Directory.CreateDirectory(Path.Combine(folder, "work"));
        var disk = _work.NewImage(ImageManifest.OverlayTemplate);
        await _ext4.MakeAsync(disk, OverlayUuid, "overlay", _diskSize, folder, cancellationToken);
        return [disk];
    }

    private async Task<IReadOnlyList<string>> VerifyAsync(CancellationToken cancellationToken)
    {
        await _ext4.CheckAsync(_work.Image(ImageManifest.RootDisk), cancellationToken);
        await _ext4.CheckAsync(_work.Image(ImageManifest.OverlayTemplate), cancellationToken);
        var files = new SortedDictionary<string, FileChecksum>(StringComparer.Ordinal)
        {
            [ImageManifest.KernelBzImage] = Checksum(Unpack, ImageManifest.KernelBzImage),
            [ImageManifest.KernelElf] = Checksum(Kernel, ImageManifest.KernelElf),
            [ImageManifest.Initramfs] = Checksum(FirstRoot, ImageManifest.Initramfs),
            [ImageManifest.RootDisk] = Checksum(Root, ImageManifest.RootDisk),
            [ImageManifest.OverlayTemplate] = Checksum(Overlay, ImageManifest.OverlayTemplate),
        };
        var packages = ReadPackages().Packages.Select(p => new PackageVersion(p.Name, p.Version, p.Sha256));
        var manifest = new ImageManifest(
            _name,
            Release,
            [.. packages],
            files,
            _clock.GetUtcNow(),
            ImageManifest.CurrentGuest
        );
        var path = _work.NewImage(ImageManifest.FileName);
        await File.WriteAllBytesAsync(
            path,
            JsonSerializer.SerializeToUtf8Bytes(manifest, ImagesJson.Default.ImageManifest),
            cancellationToken
        );
        foreach (var file in Directory.EnumerateFiles(_work.ImageFolder))
            File.SetUnixFileMode(file, ReadOnly);
        return [path];
    }

    /// <summary>
    /// The files get a second name in the version folder rather than a new place, so that this step, too, can be
    /// repeated from the work folder after a crash at any point.
    /// </summary>
    private void PublishImage()
    {
        var version = _catalog.VersionFolder(_name, Sha256.OfFile(_work.Image(ImageManifest.FileName)));
        if (!Directory.Exists(version))
        {
            var assembling = _work.FreshFolder("version");
            foreach (var file in Directory.EnumerateFiles(_work.ImageFolder))
            {
                if (!DurableNames.TryLink(file, Path.Combine(assembling, Path.GetFileName(file))))
                    throw new IOException($"the file system of {_imagesDirectory} has no hard links");
            }
            DurableNames.Sync(assembling);
            DurableNames.Replace(assembling, version);
        }
        var link = _work.Folder("link");
        File.Delete(link);
        File.CreateSymbolicLink(link, Path.GetFileName(version));
        DurableNames.Replace(link, Path.Combine(_imagesDirectory, _name));
        DurableNames.Sync(_imagesDirectory);
    }

    private FileChecksum Checksum(string step, string file) => _work.ChecksumOf(step, _work.Image(file));

    private PackageSet ReadPackages() =>
        JsonSerializer.Deserialize(File.ReadAllBytes(PackagesFile), ImagesJson.Default.PackageSet)!;

    private string[] ReadApplets() => File.ReadAllLines(Path.Combine(_work.Folder("unpacked"), "applets"));

    /// <param name="part">0 to 1 of the step that runs.</param>
    private void Report(double part, string detail) =>
        _run.Report((_done.Count + Math.Clamp(part, 0, 1)) / Steps.Count, detail);

    private static void CheckFreeSpace(string directory)
    {
        Directory.CreateDirectory(directory);
        var free = new DriveInfo(directory).AvailableFreeSpace;
        if (free < LeastFreeSpace)
            throw new ImageBuildException(
                $"{directory} has {free >> 20} MiB free; a build needs {LeastFreeSpace >> 20} MiB"
            );
    }
}
