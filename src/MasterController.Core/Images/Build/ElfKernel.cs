using System.Buffers.Binary;

namespace MasterController.Core.Images.Build;

/// <summary>Checks that a file is a kernel that a microVM boots directly (elf(5)).</summary>
internal static class ElfKernel
{
    private const int HeaderSize = 64;
    private const int ProgramHeaderSize = 56;
    private const ushort X86_64 = 62; // elf.h: EM_X86_64
    private const uint Note = 4; // PT_NOTE
    private const uint PvhEntry = 18; // xen/interface/elfnote.h: XEN_ELFNOTE_PHYS32_ENTRY

    /// <exception cref="ImageBuildException">It is not one, or has no PVH entry, without which QEMU does not boot it.</exception>
    internal static void Check(string path)
    {
        using var file = File.OpenHandle(path);
        var header = new byte[HeaderSize];
        if (
            RandomAccess.Read(file, header, fileOffset: 0) != HeaderSize
            || !header.AsSpan().StartsWith<byte>([0x7f, (byte)'E', (byte)'L', (byte)'F', 2, 1])
            || BinaryPrimitives.ReadUInt16LittleEndian(header.AsSpan(18)) != X86_64
        )
            throw new ImageBuildException("the unpacked kernel is not a 64-bit ELF file for x86");
        var tableOffset = BinaryPrimitives.ReadInt64LittleEndian(header.AsSpan(32));
        var entries = BinaryPrimitives.ReadUInt16LittleEndian(header.AsSpan(56));
        var entry = new byte[ProgramHeaderSize];
        for (var i = 0; i < entries; i++)
        {
            RandomAccess.Read(file, entry, tableOffset + ((long)i * ProgramHeaderSize));
            if (BinaryPrimitives.ReadUInt32LittleEndian(entry) != Note)
                continue;
            var notes = new byte[Math.Min(BinaryPrimitives.ReadInt64LittleEndian(entry.AsSpan(32)), 1 << 16)];
            var read = RandomAccess.Read(file, notes, BinaryPrimitives.ReadInt64LittleEndian(entry.AsSpan(8)));
            if (HasPvhEntry(notes.AsSpan(0, read)))
                return;
        }
        throw new ImageBuildException("the kernel has no PVH entry point (CONFIG_PVH)");
    }

    private static bool HasPvhEntry(ReadOnlySpan<byte> notes)
    {
        while (notes.Length >= 12)
        {
            var nameSize = BinaryPrimitives.ReadInt32LittleEndian(notes);
            var size = BinaryPrimitives.ReadInt32LittleEndian(notes[4..]);
            var length = 12L + ((nameSize + 3L) & ~3L) + ((size + 3L) & ~3L);
            if (nameSize < 0 || size < 0 || length > notes.Length)
                return false;
            if (BinaryPrimitives.ReadUInt32LittleEndian(notes[8..]) == PvhEntry && notes[12..].StartsWith("Xen\0"u8))
                return true;
            notes = notes[(int)length..];
        }
        return false;
    }
}
