using MasterController.Core.Hypervisors;
using MasterController.Core.Images;
using MasterController.Linux.Files;
using Xunit;

namespace MasterController.Tests.Images;

/// <summary>On whatever file system holds temporary files; what both ways have in common, and each where it applies.</summary>
public sealed class VmDiskStoreTests : IDisposable
{
    private const long DiskSize = 64 << 20;
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly ScratchDirectory _scratch = new();
    private readonly VmDiskStore _store = new();
    private readonly ImageFiles _image;
    private readonly VmDirectory _vm;

    public VmDiskStoreTests()
    {
        _image = new ImageFiles("golden", "", "", "", _scratch["base.img"], _scratch["template.img"]);
        WriteSparse(_image.RootDisk, "root");
        WriteSparse(_image.OverlayTemplate, "template");
        const UnixFileMode shared = UnixFileMode.UserRead | UnixFileMode.GroupRead | UnixFileMode.OtherRead;
        File.SetUnixFileMode(_image.RootDisk, shared);
        _vm = new VmDirectory(Directory.CreateDirectory(_scratch["vm"]).FullName);
    }

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private uint User => FileOnDisk.Of(_scratch.Path).Owner;

    public void Dispose() => _scratch.Dispose();

    [Fact]
    public async Task The_VMs_writable_disk_is_its_own_sparse_and_private()
    {
        var disks = await _store.EnsureAsync(_image, _vm, User, Cancelled);

        var writable = disks.Overlay ?? disks.Root;
        Assert.Equal(disks.Overlay is not null, disks.RootReadOnly);
        Assert.Equal(DiskSize, new FileInfo(writable).Length);
        Assert.InRange(FileOnDisk.Of(writable).AllocatedBytes, 1, 1 << 20);
        Assert.Equal(Private, File.GetUnixFileMode(writable));
        Assert.Equal(User, FileOnDisk.Of(writable).Owner);
        Assert.Equal(disks.Overlay is null ? "root" : "template", ReadMark(writable));
        Assert.Equal("root", ReadMark(disks.Root));
        Assert.Equal(disks.Overlay is null ? 1 : 2, Directory.GetFileSystemEntries(_vm.Path).Length);
    }

    [Fact]
    public async Task Disks_that_are_there_are_kept()
    {
        var disks = await _store.EnsureAsync(_image, _vm, User, Cancelled);
        var writable = disks.Overlay ?? disks.Root;
        WriteMark(writable, "guest");

        Assert.Equal(disks, await new VmDiskStore().EnsureAsync(_image, _vm, User, Cancelled));

        Assert.Equal("guest", ReadMark(writable));
    }

    [Fact]
    public async Task A_VM_keeps_the_base_that_its_layer_was_begun_on()
    {
        var disks = await _store.EnsureAsync(_image, _vm, User, Cancelled);
        WriteSparse(_scratch["newer.img"], "newer");
        DurableNames.Replace(_scratch["newer.img"], _image.RootDisk);

        Assert.Equal(disks, await _store.EnsureAsync(_image, _vm, User, Cancelled));

        Assert.Equal("root", ReadMark(disks.Root));
    }

    [Fact]
    public async Task What_a_crash_left_under_temporary_names_is_done_again()
    {
        await File.WriteAllTextAsync(_vm.OverlayDisk + ".new", "half", Cancelled);
        await File.WriteAllTextAsync(_vm.RootDisk + ".new", "half", Cancelled);

        var disks = await _store.EnsureAsync(_image, _vm, User, Cancelled);

        Assert.Equal(DiskSize, new FileInfo(disks.Overlay ?? disks.Root).Length);
    }

    [Fact]
    public async Task A_crash_between_overlay_and_base_is_finished_as_overlay()
    {
        WriteSparse(_vm.OverlayDisk, "begun");

        var disks = await _store.EnsureAsync(_image, _vm, User, Cancelled);

        Assert.Equal(new VmDisks(_vm.RootDisk, RootReadOnly: true, _vm.OverlayDisk), disks);
        Assert.Equal("begun", ReadMark(_vm.OverlayDisk));
    }

    [Fact]
    public async Task A_read_only_base_is_never_taken_for_a_private_root()
    {
        Assert.True(DurableNames.TryLink(_image.RootDisk, _vm.RootDisk));

        var disks = await _store.EnsureAsync(_image, _vm, User, Cancelled);

        Assert.Equal(new VmDisks(_vm.RootDisk, RootReadOnly: true, _vm.OverlayDisk), disks);
    }

    [Fact]
    public async Task Twenty_VMs_at_once_get_disks_of_their_own()
    {
        var disks = await Task.WhenAll(
            Enumerable
                .Range(0, 20)
                .Select(i => new VmDirectory(Directory.CreateDirectory(_scratch[$"vm-{i}"]).FullName))
                .Select(vm => _store.EnsureAsync(_image, vm, User, Cancelled))
        );

        Assert.Equal(20, disks.Select(d => FileOnDisk.Of(d.Overlay ?? d.Root).Inode).Distinct().Count());
    }

    [Fact]
    public void A_sparse_copy_has_the_same_bytes_and_holes()
    {
        WriteMark(_image.OverlayTemplate, "far away", at: DiskSize - 100);
        using (var source = File.OpenHandle(_image.OverlayTemplate))
        using (var copy = File.OpenHandle(_scratch["copy.img"], FileMode.CreateNew, FileAccess.ReadWrite))
            FileExtents.CopySparse(source, copy, Cancelled);

        Assert.Equal(File.ReadAllBytes(_image.OverlayTemplate), File.ReadAllBytes(_scratch["copy.img"]));
        Assert.InRange(FileOnDisk.Of(_scratch["copy.img"]).AllocatedBytes, 1, 1 << 20);
    }

    private static void WriteSparse(string path, string mark)
    {
        using (var file = File.OpenHandle(path, FileMode.CreateNew, FileAccess.Write))
            RandomAccess.SetLength(file, DiskSize);
        WriteMark(path, mark);
    }

    private static void WriteMark(string path, string mark, long at = 1 << 20)
    {
        using var file = File.OpenHandle(path, FileMode.Open, FileAccess.Write);
        RandomAccess.Write(file, System.Text.Encoding.ASCII.GetBytes(mark + "\n"), at);
    }

    private static string ReadMark(string path)
    {
        using var file = File.OpenHandle(path);
        var bytes = new byte[64];
        RandomAccess.Read(file, bytes, 1 << 20);
        var text = System.Text.Encoding.ASCII.GetString(bytes);
        return text[..text.IndexOf('\n')];
    }
}
