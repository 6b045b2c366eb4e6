using System.Globalization;

namespace MasterController.Linux.Addresses;

/// <summary>A 48-bit Ethernet address, in the low bits of <see cref="Value"/>.</summary>
public readonly record struct MacAddress(ulong Value)
{
    public void WriteBytes(Span<byte> destination)
    {
        for (var i = 0; i < 6; i++)
            destination[i] = (byte)(Value >> (40 - (8 * i)));
    }

    public static MacAddress FromBytes(ReadOnlySpan<byte> bytes)
    {
        ulong value = 0;
        for (var i = 0; i < 6; i++)
            value = (value << 8) | bytes[i];
        return new MacAddress(value);
    }

    /// <summary>Reads the form that <see cref="ToString"/> writes, in letters of either case.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out MacAddress address)
    {
        address = default;
        if (text.Length != 17)
            return false;
        ulong value = 0;
        for (var i = 0; i < 6; i++)
        {
            if (i > 0 && text[(3 * i) - 1] != ':')
                return false;
            if (!byte.TryParse(text.Slice(3 * i, 2), NumberStyles.AllowHexSpecifier, null, out var part))
                return false;
            value = (value << 8) | part;
        }
        address = new MacAddress(value);
        return true;
    }

    public override string ToString() =>
        $"{(byte)(Value >> 40):x2}:{(byte)(Value >> 32):x2}:{(byte)(Value >> 24):x2}:{(byte)(Value >> 16):x2}:{(byte)(Value >> 8):x2}:{(byte)Value:x2}";
}
