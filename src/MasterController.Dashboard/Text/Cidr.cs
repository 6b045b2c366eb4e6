using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace MasterController.Dashboard.Text;

/// <summary>An IPv4 network. The controller decides what is allowed; this is for drawing and finding.</summary>
public readonly record struct Cidr
{
    private Cidr(uint address, int prefix) =>
        (First, Prefix) = (prefix == 0 ? 0 : address & (uint.MaxValue << (32 - prefix)), prefix);

    public uint First { get; }

    public int Prefix { get; }

    public uint Last => First + (uint)(Count - 1);

    public long Count => 1L << (32 - Prefix);

    /// <summary>The network of a size around an address.</summary>
    public static Cidr Around(uint address, int prefix) => new(address, prefix);

    public static bool TryParse(string? text, out Cidr cidr)
    {
        cidr = default;
        if (
            text?.Split('/') is not [var address, var length]
            || !TryAddress(address, out var first)
            || !int.TryParse(length, NumberStyles.None, CultureInfo.InvariantCulture, out var prefix)
            || prefix > 32
        )
            return false;
        cidr = new Cidr(first, prefix);
        return true;
    }

    /// <summary>Four decimal parts, and nothing of the shorter forms that some programs know.</summary>
    public static bool TryAddress(string? text, out uint address)
    {
        address = 0;
        if (text?.Split('.') is not { Length: 4 } || !IPAddress.TryParse(text, out var parsed))
            return false;
        if (parsed.AddressFamily != AddressFamily.InterNetwork)
            return false;
        address = BinaryPrimitives.ReadUInt32BigEndian(parsed.GetAddressBytes());
        return true;
    }

    public static string Text(uint address) =>
        $"{address >> 24}.{(address >> 16) & 255}.{(address >> 8) & 255}.{address & 255}";

    public bool Contains(uint address) => address >= First && address <= Last;

    public override string ToString() => $"{Text(First)}/{Prefix}";
}
