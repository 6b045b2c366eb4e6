using System.Diagnostics;
using MasterController.Core.Images;
using Xunit;

namespace MasterController.LinuxTests.Images;

public sealed class GoldenImageTests(BuiltImage built)
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_image_from_Debian_packages_is_complete_and_whole()
    {
        var files = await built.GetAsync(Cancelled);
        var info = Assert.Single(BuiltImage.Catalog.List());

        Assert.Equal("golden", info.Name);
        Assert.EndsWith("-cloud-amd64", info.Kernel);
        Assert.InRange(info.SizeBytes, 50_000_000, 200_000_000);
        Assert.Equal([], await BuiltImage.Catalog.VerifyAsync("golden", Cancelled));
        Assert.True(new FileInfo(files.KernelElf).Length > new FileInfo(files.KernelBzImage).Length);
        TestContext.Current.TestOutputHelper?.WriteLine($"{info}");
    }

    [Fact]
    public async Task The_files_that_VMs_share_can_be_read_by_all_and_written_by_none()
    {
        var files = await built.GetAsync(Cancelled);

        string[] paths = [files.KernelElf, files.KernelBzImage, files.Initramfs, files.RootDisk, files.OverlayTemplate];
        Assert.All(
            paths,
            path =>
                Assert.Equal(
                    UnixFileMode.UserRead | UnixFileMode.GroupRead | UnixFileMode.OtherRead,
                    File.GetUnixFileMode(path)
                )
        );
    }
}
