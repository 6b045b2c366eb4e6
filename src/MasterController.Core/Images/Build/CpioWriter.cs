using System.Text;

namespace MasterController.Core.Images.Build;

/// <summary>
/// Writes a cpio archive of the "newc" kind, the one that the kernel unpacks as initramfs
/// (Documentation/driver-api/early-userspace/buffer-format.rst): <c>cpio -o -H newc</c>. Owner is root and the time
/// is 0, so the same contents give the same bytes.
/// </summary>
internal sealed class CpioWriter(Stream output) : IDisposable
{
    private const uint Directory = 0x4000; // inode(7): S_IFDIR, S_IFREG, S_IFLNK
    private const uint RegularFile = 0x8000;
    private const uint SymbolicLink = 0xA000;

    private uint _inode;
    private long _position;

    /// <param name="name">Relative, without "./"; parents have to come before what is in them.</param>
    internal void AddDirectory(
        string name,
        uint permissions = 0x1ED /* 0755 */
    ) => Add(name, Directory | permissions, links: 2, content: default);

    internal void AddFile(string name, ReadOnlySpan<byte> content, uint permissions) =>
        Add(name, RegularFile | permissions, links: 1, content);

    internal void AddSymbolicLink(string name, string target) =>
        Add(name, SymbolicLink | 0x1FF, links: 1, Encoding.UTF8.GetBytes(target));

    /// <summary>Writes the entry that ends the archive.</summary>
    public void Dispose()
    {
        _inode = uint.MaxValue; // wraps to 0, which the trailer has
        Add("TRAILER!!!", mode: 0, links: 1, content: default);
    }

    private void Add(string name, uint mode, uint links, ReadOnlySpan<byte> content)
    {
        var nameBytes = Encoding.UTF8.GetBytes(name);
        // magic, inode, mode, uid, gid, links, mtime, size, device (2), device of a node (2), name size, checksum
        var header =
            $"070701{unchecked(++_inode):X8}{mode:X8}{0:X8}{0:X8}{links:X8}{0:X8}{content.Length:X8}"
            + $"{0:X8}{0:X8}{0:X8}{0:X8}{nameBytes.Length + 1:X8}{0:X8}";
        Write(Encoding.ASCII.GetBytes(header));
        Write(nameBytes);
        Write([0]);
        Pad();
        Write(content);
        Pad();
    }

    private void Write(ReadOnlySpan<byte> bytes)
    {
        output.Write(bytes);
        _position += bytes.Length;
    }

    private void Pad() => Write(new byte[-_position & 3]);
}
