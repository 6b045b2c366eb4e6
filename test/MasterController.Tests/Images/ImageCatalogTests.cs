using System.Text.Json;
using MasterController.Core.Images;
using Xunit;

namespace MasterController.Tests.Images;

public sealed class ImageCatalogTests : IDisposable
{
    private static readonly string[] Files = ["initramfs.img", "overlay.img", "root.img", "vmlinux", "vmlinuz"];

    private readonly ScratchDirectory _scratch = new();

    private ImageCatalog Catalog => new(_scratch.Path);

    public void Dispose() => _scratch.Dispose();

    [Fact]
    public void A_directory_that_is_not_there_has_no_images() =>
        Assert.Empty(new ImageCatalog(_scratch["nowhere"]).List());

    [Fact]
    public void An_image_is_found_with_all_its_files()
    {
        Place("golden");

        var files = Catalog.Find("golden")!;

        Assert.Equal(_scratch["golden/root.img"], files.RootDisk);
        Assert.Equal(_scratch["golden/vmlinux"], files.KernelElf);
        Assert.Equal("6.1.0-1", Assert.Single(Catalog.List()).Kernel);
    }

    [Theory]
    [InlineData("initramfs.img")]
    [InlineData("overlay.img")]
    [InlineData("root.img")]
    [InlineData("vmlinux")]
    [InlineData("vmlinuz")]
    public void An_image_without_a_file_or_with_a_shorter_one_is_no_image(string file)
    {
        Place("missing");
        Place("shorter");
        File.Delete(_scratch[$"missing/{file}"]);
        File.WriteAllText(_scratch[$"shorter/{file}"], "x");

        Assert.Null(Catalog.Find("missing"));
        Assert.Null(Catalog.Find("shorter"));
        Assert.Empty(Catalog.List());
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("null")]
    [InlineData("[1,2")]
    public void A_manifest_that_cannot_be_read_makes_no_image(string manifest)
    {
        Place("golden");
        File.WriteAllText(_scratch["golden/image.json"], manifest);

        Assert.Null(Catalog.Find("golden"));
    }

    [Fact]
    public async Task A_changed_byte_is_found_when_asked_for()
    {
        Place("golden");
        File.WriteAllText(_scratch["golden/root.img"], "disk of roo7");

        Assert.NotNull(Catalog.Find("golden"));
        Assert.Equal(["root.img"], await Catalog.VerifyAsync("golden", TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData(null, true)]
    [InlineData(1, true)]
    [InlineData(2, false)]
    [InlineData(3, false)] // of a later version, whose controller was replaced by this one again
    public void An_image_whose_guests_pass_over_IPv6_is_outdated(int? guest, bool expected)
    {
        Place("golden", guest);

        Assert.Equal(expected, Assert.Single(Catalog.List()).IsOutdated);
    }

    private void Place(string name, int? guest = null)
    {
        Directory.CreateDirectory(_scratch[name]);
        Dictionary<string, object> files = [];
        foreach (var file in Files)
        {
            var content = file == "root.img" ? "disk of root"u8.ToArray() : "content"u8.ToArray();
            File.WriteAllBytes(_scratch[$"{name}/{file}"], content);
            files[file] = new { sizeBytes = content.Length, sha256 = Core.Images.Build.Sha256.Of(content) };
        }
        var manifest = new
        {
            name,
            kernelRelease = "6.1.0-1",
            packages = Array.Empty<object>(),
            files,
            createdAt = DateTimeOffset.UnixEpoch,
            guest,
        };
        File.WriteAllText(_scratch[$"{name}/image.json"], JsonSerializer.Serialize(manifest));
    }
}
