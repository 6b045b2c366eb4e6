using System.Buffers.Binary;
using System.IO.Compression;
using K4os.Compression.LZ4;

namespace MasterController.Core.Images.Build;

/// <summary>
/// Takes the ELF kernel ("vmlinux") out of a compressed x86 one, where the boot protocol says that it is
/// (Documentation/arch/x86/boot.rst): <c>scripts/extract-vmlinux</c>.
/// </summary>
internal static class BzImage
{
    private const int SetupSectors = 0x1f1;
    private const int HeaderMagic = 0x202;
    private const int ProtocolVersion = 0x206;
    private const int PayloadOffset = 0x248;
    private const int PayloadLength = 0x24c;
    private const int HeaderEnd = 0x250;
    private const int SectorSize = 512;
    private const ushort FirstVersionWithPayload = 0x0208;

    private const uint Lz4LegacyMagic = 0x184C2102; // lz4_Frame_format.md, "Legacy frame"
    private const int Lz4LegacyBlock = 8 << 20;

    /// <exception cref="ImageBuildException">Not a bzImage, damaged, or compressed in a way that is not known here.</exception>
    internal static void ExtractElf(ReadOnlyMemory<byte> bzImage, Stream elf)
    {
        var payload = FindPayload(bzImage);
        try
        {
            if (BinaryPrimitives.ReadUInt32LittleEndian(payload.Span) == Lz4LegacyMagic)
                UnpackLz4(payload, elf);
            else if (payload.Span is [0x1f, 0x8b, ..])
                UnpackGzip(payload, elf);
            else
                throw new ImageBuildException(
                    $"the kernel is compressed in an unknown way (it begins with {Convert.ToHexStringLower(payload.Span[..6])}); LZ4 and gzip are known"
                );
        }
        catch (InvalidDataException failure)
        {
            throw new ImageBuildException($"the kernel's payload is damaged: {failure.Message}", failure);
        }
    }

    private static ReadOnlyMemory<byte> FindPayload(ReadOnlyMemory<byte> bzImage)
    {
        var header = bzImage.Span;
        if (header.Length < HeaderEnd || !header.Slice(HeaderMagic, 4).SequenceEqual("HdrS"u8))
            throw new ImageBuildException("the kernel is not a bzImage");
        var version = BinaryPrimitives.ReadUInt16LittleEndian(header[ProtocolVersion..]);
        if (version < FirstVersionWithPayload)
            throw new ImageBuildException($"the kernel's boot protocol {version >> 8}.{version & 0xff:00} is too old");
        var offset =
            ((header[SetupSectors] + 1L) * SectorSize)
            + BinaryPrimitives.ReadUInt32LittleEndian(header[PayloadOffset..]);
        var length = BinaryPrimitives.ReadUInt32LittleEndian(header[PayloadLength..]);
        // The least that has a magic number and the unpacked size at its end.
        if (length < 16 || offset + length > header.Length)
            throw new ImageBuildException("the kernel is cut off: its payload reaches past the end of the file");
        return bzImage.Slice((int)offset, (int)length);
    }

    /// <summary>Blocks of 8 MiB unpacked, each after its packed length; the kernel's build adds the unpacked size.</summary>
    private static void UnpackLz4(ReadOnlyMemory<byte> payload, Stream elf)
    {
        var total = BinaryPrimitives.ReadUInt32LittleEndian(payload.Span[^4..]);
        var rest = payload.Span[4..^4];
        var block = new byte[Lz4LegacyBlock];
        long written = 0;
        while (rest.Length >= 4)
        {
            var packed = BinaryPrimitives.ReadUInt32LittleEndian(rest);
            rest = rest[4..];
            if (packed > rest.Length)
                throw new InvalidDataException("an LZ4 block reaches past the end");
            var unpacked = LZ4Codec.Decode(rest[..(int)packed], block);
            if (unpacked < 0)
                throw new InvalidDataException("an LZ4 block cannot be unpacked");
            elf.Write(block, 0, unpacked);
            written += unpacked;
            rest = rest[(int)packed..];
        }
        if (written != total)
            throw new InvalidDataException($"it has {written} bytes where {total} were said");
    }

    private static void UnpackGzip(ReadOnlyMemory<byte> payload, Stream elf)
    {
        using var gzip = new GZipStream(new MemoryStream(payload.ToArray()), CompressionMode.Decompress);
        gzip.CopyTo(elf);
    }
}
