using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace MasterController.Linux;

/// <summary>struct ifreq (netdevice(7)) as far as it is used: 16 bytes of name, then a union of 24 bytes.</summary>
[StructLayout(LayoutKind.Explicit, Size = 40)]
internal struct InterfaceRequest
{
    /// <summary>IFNAMSIZ without the terminating zero.</summary>
    internal const int MaxNameLength = 15;

    [FieldOffset(0)]
    private NameBytes _name;

    [FieldOffset(16)]
    internal short Flags;

    [FieldOffset(16)]
    internal int Index;

    /// <exception cref="ArgumentException">The name is empty or has over fifteen bytes.</exception>
    internal InterfaceRequest(string name)
    {
        if (name.Length == 0 || Encoding.UTF8.GetByteCount(name) > MaxNameLength)
            throw new ArgumentException($"\"{name}\" is no interface name: 1 to {MaxNameLength} bytes", nameof(name));
        Encoding.UTF8.GetBytes(name, _name);
    }

    internal readonly string Name
    {
        get
        {
            ReadOnlySpan<byte> bytes = _name;
            return Encoding.UTF8.GetString(bytes.TrimEnd((byte)0));
        }
    }

    [InlineArray(16)]
    private struct NameBytes
    {
        private byte _first;
    }
}
