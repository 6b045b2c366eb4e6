using System.Text;

namespace MasterController.LinuxTests.Hypervisors;

/// <summary>Writes the "newc" format of an initramfs (Documentation/driver-api/early-userspace/buffer-format.rst).</summary>
internal sealed class CpioWriter(Stream output)
{
    private const int Regular = 0x8000;
    private const int Folder = 0x4000;

    private int _inode;
    private long _written;

    public void AddDirectory(string name) => Add(name, Folder | 0x1ED, []);

    public void AddFile(string name, byte[] content) => Add(name, Regular | 0x1ED, content);

    public void Finish() => Add("TRAILER!!!", 0, []);

    private void Add(string name, int mode, byte[] content)
    {
        int[] fields = [++_inode, mode, 0, 0, 1, 0, content.Length, 0, 0, 0, 0, name.Length + 1, 0];
        Write(Encoding.ASCII.GetBytes($"070701{string.Concat(fields.Select(f => f.ToString("X8")))}{name}\0"));
        Write(content);
    }

    private void Write(byte[] bytes)
    {
        output.Write(bytes);
        _written += bytes.Length;
        while (_written % 4 != 0)
        {
            output.WriteByte(0);
            _written++;
        }
    }
}
