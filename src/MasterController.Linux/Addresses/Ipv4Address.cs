using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Net;

namespace MasterController.Linux.Addresses;

/// <summary>An IPv4 address as a number in host byte order, so that it can be counted with.</summary>
public readonly record struct Ipv4Address(uint Value) : IComparable<Ipv4Address>, ISpanFormattable
{
    public static Ipv4Address Parse(string text) =>
        TryParse(text, out var address) ? address : throw new FormatException($"\"{text}\" is not an IPv4 address");

    /// <summary>Four decimal numbers 0–255 without leading zeros; none of the shorthands of inet_aton(3).</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out Ipv4Address address)
    {
        address = default;
        return text is not null && TryParse(text.AsSpan(), out address);
    }

    public static bool TryParse(ReadOnlySpan<char> text, out Ipv4Address address)
    {
        address = default;
        uint value = 0;
        for (var part = 0; part < 4; part++)
        {
            var dot = text.IndexOf('.');
            var digits =
                part == 3 ? text
                : dot >= 0 ? text[..dot]
                : default;
            if (digits.Length is 0 or > 3 || digits.ContainsAnyExceptInRange('0', '9'))
                return false;
            if (digits.Length > 1 && digits[0] == '0')
                return false;
            var number = uint.Parse(digits);
            if (number > 255)
                return false;
            value = (value << 8) | number;
            text = part == 3 ? default : text[(dot + 1)..];
        }
        address = new Ipv4Address(value);
        return true;
    }

    public static Ipv4Address FromBytes(ReadOnlySpan<byte> networkOrder) =>
        new(BinaryPrimitives.ReadUInt32BigEndian(networkOrder));

    /// <summary>The four bytes in network byte order.</summary>
    public void WriteBytes(Span<byte> destination) => BinaryPrimitives.WriteUInt32BigEndian(destination, Value);

    /// <summary>The address after this one; false after 255.255.255.255.</summary>
    public bool TryNext(out Ipv4Address next)
    {
        next = new Ipv4Address(unchecked(Value + 1));
        return Value != uint.MaxValue;
    }

    public IPAddress ToIPAddress()
    {
        Span<byte> bytes = stackalloc byte[4];
        WriteBytes(bytes);
        return new IPAddress(bytes);
    }

    public int CompareTo(Ipv4Address other) => Value.CompareTo(other.Value);

    public override string ToString() => $"{Value >> 24}.{(byte)(Value >> 16)}.{(byte)(Value >> 8)}.{(byte)Value}";

    string IFormattable.ToString(string? format, IFormatProvider? formatProvider) => ToString();

    bool ISpanFormattable.TryFormat(
        Span<char> destination,
        out int charsWritten,
        ReadOnlySpan<char> format,
        IFormatProvider? provider
    ) =>
        destination.TryWrite(
            $"{Value >> 24}.{(byte)(Value >> 16)}.{(byte)(Value >> 8)}.{(byte)Value}",
            out charsWritten
        );

    public static bool operator <(Ipv4Address left, Ipv4Address right) => left.Value < right.Value;

    public static bool operator >(Ipv4Address left, Ipv4Address right) => left.Value > right.Value;

    public static bool operator <=(Ipv4Address left, Ipv4Address right) => left.Value <= right.Value;

    public static bool operator >=(Ipv4Address left, Ipv4Address right) => left.Value >= right.Value;
}
