using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;

namespace MasterController.Linux.Addresses;

/// <summary>An IPv6 address as a number, so that it can be counted with; without a zone.</summary>
public readonly record struct Ipv6Address(UInt128 Value) : IComparable<Ipv6Address>, IFormattable
{
    public static Ipv6Address Parse(string text) =>
        TryParse(text, out var address) ? address : throw new FormatException($"\"{text}\" is not an IPv6 address");

    /// <summary>The forms of RFC 4291, section 2.2; no brackets, no zone.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out Ipv6Address address)
    {
        address = default;
        if (
            text is null
            || text.AsSpan().ContainsAny('%', '[', ']')
            || !IPAddress.TryParse(text, out var parsed)
            || parsed.AddressFamily != AddressFamily.InterNetworkV6
        )
            return false;
        address = From(parsed);
        return true;
    }

    public static Ipv6Address From(IPAddress address)
    {
        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out _);
        return FromBytes(bytes);
    }

    public static Ipv6Address FromBytes(ReadOnlySpan<byte> networkOrder) =>
        new(BinaryPrimitives.ReadUInt128BigEndian(networkOrder));

    /// <summary>The sixteen bytes in network byte order.</summary>
    public void WriteBytes(Span<byte> destination) => BinaryPrimitives.WriteUInt128BigEndian(destination, Value);

    public IPAddress ToIPAddress()
    {
        Span<byte> bytes = stackalloc byte[16];
        WriteBytes(bytes);
        return new IPAddress(bytes);
    }

    public int CompareTo(Ipv6Address other) => Value.CompareTo(other.Value);

    /// <summary>As RFC 5952 has it.</summary>
    public override string ToString() => ToIPAddress().ToString();

    string IFormattable.ToString(string? format, IFormatProvider? formatProvider) => ToString();
}
