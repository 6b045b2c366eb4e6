using System.Buffers.Binary;
using System.IO.Compression;
using K4os.Compression.LZ4;

namespace MasterController.Tests.Images;

/// <summary>Kernels that nobody can boot, in the form that the real ones have.</summary>
internal static class TestKernel
{
    /// <summary>A 64-bit ELF file with one note segment, which has the PVH entry point.</summary>
    public static byte[] Elf(int size = 4096, uint noteType = 18)
    {
        var elf = new byte[size];
        byte[] identification = [0x7f, (byte)'E', (byte)'L', (byte)'F', 2, 1, 1];
        identification.CopyTo(elf, 0);
        BinaryPrimitives.WriteUInt16LittleEndian(elf.AsSpan(18), 62); // x86-64
        BinaryPrimitives.WriteInt64LittleEndian(elf.AsSpan(32), 64); // program headers after this header
        BinaryPrimitives.WriteUInt16LittleEndian(elf.AsSpan(56), 1);
        BinaryPrimitives.WriteUInt32LittleEndian(elf.AsSpan(64), 4); // PT_NOTE
        BinaryPrimitives.WriteInt64LittleEndian(elf.AsSpan(64 + 8), 128);
        BinaryPrimitives.WriteInt64LittleEndian(elf.AsSpan(64 + 32), 20);
        BinaryPrimitives.WriteUInt32LittleEndian(elf.AsSpan(128), 4); // name size
        BinaryPrimitives.WriteUInt32LittleEndian(elf.AsSpan(132), 4); // value size
        BinaryPrimitives.WriteUInt32LittleEndian(elf.AsSpan(136), noteType);
        "Xen\0"u8.CopyTo(elf.AsSpan(140));
        for (var i = 200; i < size; i++)
            elf[i] = (byte)(i * 31 / 7);
        return elf;
    }

    /// <summary>As <c>lz4 -l</c> packs it, with the size behind it that the kernel's build adds.</summary>
    public static byte[] Lz4(byte[] elf)
    {
        using var output = new MemoryStream();
        output.Write([0x02, 0x21, 0x4c, 0x18]);
        foreach (var block in elf.Chunk(8 << 20))
        {
            var packed = new byte[LZ4Codec.MaximumOutputSize(block.Length)];
            var length = LZ4Codec.Encode(block, packed);
            output.Write(BitConverter.GetBytes(length));
            output.Write(packed, 0, length);
        }
        output.Write(BitConverter.GetBytes(elf.Length));
        return output.ToArray();
    }

    public static byte[] Gzip(byte[] elf)
    {
        using var output = new MemoryStream();
        using (var gzip = new GZipStream(output, CompressionLevel.Fastest))
            gzip.Write(elf);
        return output.ToArray();
    }

    /// <summary>Two setup sectors, then protected-mode code with the payload 64 bytes into it.</summary>
    public static byte[] BzImage(byte[] payload)
    {
        var image = new byte[(2 * 512) + 64 + payload.Length + 100];
        image[0x1f1] = 1;
        "HdrS"u8.CopyTo(image.AsSpan(0x202));
        BinaryPrimitives.WriteUInt16LittleEndian(image.AsSpan(0x206), 0x020f);
        BinaryPrimitives.WriteUInt32LittleEndian(image.AsSpan(0x248), 64);
        BinaryPrimitives.WriteUInt32LittleEndian(image.AsSpan(0x24c), (uint)payload.Length);
        payload.CopyTo(image, (2 * 512) + 64);
        return image;
    }
}
