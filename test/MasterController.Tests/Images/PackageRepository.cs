using System.Diagnostics;
using System.Text;
using MasterController.Core.Images.Build;

namespace MasterController.Tests.Images;

/// <summary>A package source in a directory, with the packages that an image is built from, for the real apt.</summary>
internal sealed class PackageRepository
{
    public const string Release = "6.1.0-99-cloud-amd64";

    private static readonly string[] Modules =
    [
        "failover",
        "net_failover",
        "virtio_ring",
        "virtio",
        "virtio_mmio",
        "virtio_net",
        "virtio_blk",
        "overlay",
    ];

    private readonly string _root;

    public PackageRepository(string root)
    {
        _root = root;
        foreach (var folder in (string[])["pool", "etc", "state/lists/partial", "cache/archives/partial"])
            Directory.CreateDirectory(Path.Combine(root, folder));
        File.WriteAllText(Path.Combine(root, "status"), "");
        File.WriteAllText(Path.Combine(root, "sources.list"), $"deb [trusted=yes] copy:{root}/pool ./\n");
        var index = new StringBuilder();
        AddPackage(index, "linux-image-cloud-amd64", $"Depends: linux-image-{Release} (= 1.0-1)\n", []);
        AddPackage(index, $"linux-image-{Release}", "", KernelFiles());
        AddPackage(index, "busybox-static", "", [("bin/busybox", "#!/bin/sh\necho sh\necho ls\n"u8.ToArray())]);
        File.WriteAllText(Path.Combine(root, "pool/Packages"), index.ToString());
    }

    public IReadOnlyList<string> AptOptions =>
        [
            "-o",
            $"Dir::Etc={_root}/etc",
            "-o",
            $"Dir::Etc::sourcelist={_root}/sources.list",
            "-o",
            "Dir::Etc::sourceparts=-",
            "-o",
            $"Dir::State={_root}/state",
            "-o",
            $"Dir::State::status={_root}/status",
            "-o",
            $"Dir::Cache={_root}/cache",
            "-o",
            "APT::Architecture=amd64",
            "-o",
            "APT::Sandbox::User=root",
        ];

    public Task UpdateAsync(CancellationToken cancellationToken) =>
        new Tool("apt-get", "apt").RunAsync([.. AptOptions, "-q", "update"], cancellationToken);

    /// <summary>The network is gone: what is known stays known, nothing can be fetched.</summary>
    public void Disappear() => Directory.Delete(Path.Combine(_root, "pool"), recursive: true);

    /// <summary>One bit of the kernel's package is another than the lists say.</summary>
    public void Corrupt()
    {
        var path = Path.Combine(_root, $"pool/linux-image-{Release}.deb");
        var bytes = File.ReadAllBytes(path);
        bytes[^1] ^= 1;
        File.WriteAllBytes(path, bytes);
    }

    private static List<(string, byte[])> KernelFiles() =>
        [
            ($"boot/vmlinuz-{Release}", TestKernel.BzImage(TestKernel.Lz4(TestKernel.Elf()))),
            ($"boot/config-{Release}", "CONFIG_PVH=y\n"u8.ToArray()),
            .. Modules.Select(m => ($"lib/modules/{Release}/kernel/drivers/{m}.ko", Encoding.ASCII.GetBytes(m))),
        ];

    private void AddPackage(StringBuilder index, string name, string fields, List<(string Path, byte[] Content)> files)
    {
        var folder = Path.Combine(_root, "build", name);
        var control =
            $"Package: {name}\nVersion: 1.0-1\nArchitecture: amd64\nMaintainer: nobody <nobody@example.org>\n{fields}Description: for tests\n";
        Directory.CreateDirectory(Path.Combine(folder, "DEBIAN"));
        File.WriteAllText(Path.Combine(folder, "DEBIAN/control"), control);
        foreach (var (path, content) in files)
        {
            var file = Path.Combine(folder, path);
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            File.WriteAllBytes(file, content);
        }
        var deb = Path.Combine(_root, "pool", $"{name}.deb");
        var start = new ProcessStartInfo("dpkg-deb") { RedirectStandardOutput = true };
        foreach (var argument in (string[])["--build", "--root-owner-group", "-Znone", folder, deb])
            start.ArgumentList.Add(argument);
        using (var process = Process.Start(start)!)
        {
            process.StandardOutput.ReadToEnd();
            process.WaitForExit();
        }
        index
            .Append(control)
            .Append($"Filename: ./{name}.deb\nSize: {new FileInfo(deb).Length}\nSHA256: {Sha256.OfFile(deb)}\n\n");
    }
}
