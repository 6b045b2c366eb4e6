using System.Buffers.Binary;
using System.Text;
using MasterController.Linux.Addresses;

namespace MasterController.Linux.Nftables;

/// <summary>
/// A key or a value of a set, as the kernel compares it: of a concatenation one field behind the other, each filled up to
/// four bytes with zeros. In order as the kernel has addresses: byte by byte.
/// </summary>
public readonly record struct NftData : IComparable<NftData>
{
    /// <summary>An IPv6 address, a protocol and a port.</summary>
    public const int MostBytes = 24;

    private readonly UInt128 _high;
    private readonly ulong _low;

    private NftData(UInt128 high, ulong low, int length) => (_high, _low, Length) = (high, low, (byte)length);

    /// <summary>In bytes, a multiple of four.</summary>
    public byte Length { get; }

    public static NftData Of(Ipv4Address address) => new((UInt128)address.Value << 96, 0, sizeof(uint));

    public static NftData Of(Ipv6Address address) => new(address.Value, 0, 16);

    /// <summary>A number of a type that has the machine's byte order, such as classid.</summary>
    public static NftData Number(uint value) =>
        Of(new Ipv4Address(BitConverter.IsLittleEndian ? BinaryPrimitives.ReverseEndianness(value) : value));

    /// <summary>A number of IPPROTO_*, of the type inet_proto.</summary>
    public static NftData Protocol(byte protocol) => Of(new Ipv4Address((uint)protocol << 24));

    /// <summary>This, and another field behind it.</summary>
    /// <exception cref="ArgumentException">Together they have more than <see cref="MostBytes"/>.</exception>
    public NftData With(NftData next)
    {
        Span<byte> bytes = stackalloc byte[MostBytes * 2];
        WriteBytes(bytes);
        next.WriteBytes(bytes[Length..]);
        return FromBytes(bytes[..(Length + next.Length)]);
    }

    /// <summary>This, and a number of IPPROTO_* behind it.</summary>
    public NftData WithProtocol(byte protocol) => With(Protocol(protocol));

    /// <summary>This, and a port of the type inet_service behind it.</summary>
    public NftData WithPort(ushort port) => With(Of(new Ipv4Address((uint)port << 16)));

    /// <exception cref="ArgumentException">More than <see cref="MostBytes"/>.</exception>
    public static NftData FromBytes(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > MostBytes)
            throw new ArgumentException($"{bytes.Length} bytes; at most {MostBytes}", nameof(bytes));
        Span<byte> all = stackalloc byte[MostBytes];
        bytes.CopyTo(all);
        return new NftData(
            BinaryPrimitives.ReadUInt128BigEndian(all),
            BinaryPrimitives.ReadUInt64BigEndian(all[16..]),
            bytes.Length
        );
    }

    /// <summary>Its bytes, and zeros behind them up to <see cref="MostBytes"/>.</summary>
    public void WriteBytes(Span<byte> destination)
    {
        Span<byte> all = stackalloc byte[MostBytes];
        BinaryPrimitives.WriteUInt128BigEndian(all, _high);
        BinaryPrimitives.WriteUInt64BigEndian(all[16..], _low);
        all[..Length].CopyTo(destination);
    }

    /// <summary>The address at a field's offset.</summary>
    public Ipv4Address Ipv4At(int offset) => Ipv4Address.FromBytes(Bytes(stackalloc byte[MostBytes])[offset..]);

    /// <inheritdoc cref="Ipv4At"/>
    public Ipv6Address Ipv6At(int offset) => Ipv6Address.FromBytes(Bytes(stackalloc byte[MostBytes])[offset..]);

    /// <summary>The protocol at a field's offset.</summary>
    public byte ProtocolAt(int offset) => Bytes(stackalloc byte[MostBytes])[offset];

    /// <summary>The port at a field's offset.</summary>
    public ushort PortAt(int offset) =>
        BinaryPrimitives.ReadUInt16BigEndian(Bytes(stackalloc byte[MostBytes])[offset..]);

    public Ipv4Address AsIpv4 => new((uint)(_high >> 96));

    public Ipv6Address AsIpv6 => new(_high);

    /// <summary>As <see cref="Number"/> had it.</summary>
    public uint AsNumber =>
        BitConverter.IsLittleEndian ? BinaryPrimitives.ReverseEndianness(AsIpv4.Value) : AsIpv4.Value;

    /// <summary>A name of an interface, filled up with zeros.</summary>
    internal string AsText => Encoding.UTF8.GetString(Bytes(stackalloc byte[MostBytes]).TrimEnd((byte)0));

    public int CompareTo(NftData other) =>
        _high != other._high ? _high.CompareTo(other._high)
        : _low != other._low ? _low.CompareTo(other._low)
        : Length.CompareTo(other.Length);

    public override string ToString()
    {
        Span<byte> bytes = stackalloc byte[MostBytes];
        return Convert.ToHexStringLower(Bytes(bytes)[..Length]);
    }

    private ReadOnlySpan<byte> Bytes(Span<byte> bytes)
    {
        bytes.Clear();
        WriteBytes(bytes);
        return bytes;
    }
}
