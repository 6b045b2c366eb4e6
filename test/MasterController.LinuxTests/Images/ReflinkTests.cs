using System.Diagnostics;
using MasterController.Core.Hypervisors;
using MasterController.Core.Images;
using MasterController.Linux.Files;
using MasterController.Tests.Images;
using Xunit;

namespace MasterController.LinuxTests.Images;

/// <summary>
/// A file system that shares blocks, in a mount namespace of its own. /proc/PID/root leads into it, so nothing is
/// mounted where others could see it.
/// </summary>
public sealed class ReflinkTests : IDisposable
{
    private const long DiskSize = 64 << 20;

    private readonly ScratchDirectory _scratch = new();
    private Process? _holder;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        if (_holder is not null)
        {
            _holder.Kill();
            _holder.WaitForExit();
            _holder.Dispose();
        }
        _scratch.Dispose();
    }

    [Theory]
    [InlineData("xfs", "xfsprogs")]
    [InlineData("btrfs", "btrfs-progs")]
    public async Task Where_files_share_blocks_a_VM_gets_a_writable_root_of_its_own(string kind, string package)
    {
        var mount = Mount(kind, package);
        var image = new ImageFiles("golden", "", "", "", $"{mount}/base.img", $"{mount}/template.img");
        var content = new byte[4 << 20];
        Random.Shared.NextBytes(content);
        await using (var disk = File.Create(image.RootDisk))
        {
            await disk.WriteAsync(content, Cancelled);
            disk.SetLength(DiskSize);
            disk.Flush(flushToDisk: true);
        }
        File.SetUnixFileMode(image.RootDisk, UnixFileMode.UserRead);
        var vm = new VmDirectory(Directory.CreateDirectory($"{mount}/vm").FullName);
        var owner = FileOnDisk.Of(_scratch.Path).Owner;

        var disks = await new VmDiskStore().EnsureAsync(image, vm, owner, Cancelled);

        Assert.Equal(new VmDisks(vm.RootDisk, RootReadOnly: false, Overlay: null), disks);
        await using (var root = File.OpenWrite(disks.Root))
            await root.WriteAsync("written by the guest"u8.ToArray(), Cancelled);
        Assert.Equal(content, (await File.ReadAllBytesAsync(image.RootDisk, Cancelled))[..content.Length]);
        Assert.Equal(content[20..], (await File.ReadAllBytesAsync(disks.Root, Cancelled))[20..content.Length]);
        Assert.Equal(disks, await new VmDiskStore().EnsureAsync(image, vm, owner, Cancelled));
        Assert.Equal([disks.Root], Directory.GetFileSystemEntries(vm.Path));
    }

    private string Mount(string kind, string package)
    {
        var make = $"mkfs.{kind}";
        var path = Environment.GetEnvironmentVariable("PATH")!.Split(':').Append("/usr/sbin").Append("/sbin");
        if (!path.Any(directory => File.Exists(Path.Combine(directory, make))))
            Assert.Skip($"{make} is missing: apt-get install {package}");
        using (var file = File.OpenHandle(_scratch["disk.img"], FileMode.CreateNew, FileAccess.Write))
            RandomAccess.SetLength(file, 512 << 20);
        TestNamespace.Run(make, "-q", _scratch["disk.img"]);
        Directory.CreateDirectory(_scratch["mount"]);
        _holder = TestNamespace.Start(
            "unshare",
            "--mount",
            "sh",
            "-c",
            "mount -o loop \"$0\" \"$1\" && echo mounted && exec sleep 600",
            _scratch["disk.img"],
            _scratch["mount"]
        );
        if (_holder.StandardOutput.ReadLine() != "mounted")
            Assert.Skip($"a loop mount is not possible here: {_holder.StandardError.ReadToEnd().Trim()}");
        return $"/proc/{_holder.Id}/root{_scratch["mount"]}";
    }
}
