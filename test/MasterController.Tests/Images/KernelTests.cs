using MasterController.Core.Images.Build;
using Xunit;

namespace MasterController.Tests.Images;

public sealed class KernelTests
{
    [Fact]
    public void The_ELF_comes_out_of_an_LZ4_kernel_of_several_blocks()
    {
        var elf = TestKernel.Elf(size: (8 << 20) + 12345);

        Assert.Equal(elf, Extract(TestKernel.BzImage(TestKernel.Lz4(elf))));
    }

    [Fact]
    public void The_ELF_comes_out_of_a_gzip_kernel()
    {
        var elf = TestKernel.Elf();

        Assert.Equal(elf, Extract(TestKernel.BzImage(TestKernel.Gzip(elf))));
    }

    [Fact]
    public void Another_compression_is_named_by_how_it_begins()
    {
        byte[] zstd = [0x28, 0xb5, 0x2f, 0xfd, .. new byte[60]];

        var failure = Assert.Throws<ImageBuildException>(() => Extract(TestKernel.BzImage(zstd)));

        Assert.Contains("28b52ffd", failure.Message);
    }

    [Fact]
    public void A_damaged_payload_is_noticed()
    {
        var payload = TestKernel.Lz4(TestKernel.Elf());
        payload[^1] ^= 1; // the size that was said

        var failure = Assert.Throws<ImageBuildException>(() => Extract(TestKernel.BzImage(payload)));

        Assert.Contains("damaged", failure.Message);
    }

    [Fact]
    public void A_kernel_that_is_cut_off_is_noticed()
    {
        var image = TestKernel.BzImage(TestKernel.Lz4(TestKernel.Elf()));

        var failure = Assert.Throws<ImageBuildException>(() => Extract(image[..^500]));

        Assert.Contains("cut off", failure.Message);
    }

    [Fact]
    public void What_is_no_bzImage_is_refused() => Assert.Throws<ImageBuildException>(() => Extract(new byte[4096]));

    [Fact]
    public void Only_an_ELF_with_a_PVH_entry_is_accepted()
    {
        using var scratch = new ScratchDirectory();
        File.WriteAllBytes(scratch["pvh"], TestKernel.Elf());
        File.WriteAllBytes(scratch["plain"], TestKernel.Elf(noteType: 1));
        File.WriteAllBytes(scratch["text"], "no kernel"u8.ToArray());

        ElfKernel.Check(scratch["pvh"]);
        Assert.Contains("PVH", Assert.Throws<ImageBuildException>(() => ElfKernel.Check(scratch["plain"])).Message);
        Assert.Throws<ImageBuildException>(() => ElfKernel.Check(scratch["text"]));
    }

    private static byte[] Extract(byte[] bzImage)
    {
        using var elf = new MemoryStream();
        BzImage.ExtractElf(bzImage, elf);
        return elf.ToArray();
    }
}
