using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;

namespace MasterController.Linux.Netlink;

/// <summary>
/// Writes netlink messages (netlink(7)): header, fixed body, attributes, each padded to four bytes. Numbers are in host
/// byte order; addresses are given as bytes in network order, of either family.
/// </summary>
internal ref struct NetlinkWriter(Span<byte> buffer)
{
    private readonly Span<byte> _buffer = buffer;
    private int _messageStart;

    /// <summary>How many bytes are written; a multiple of four between messages.</summary>
    internal int Length { get; private set; }

    internal readonly ReadOnlySpan<byte> Written => _buffer[..Length];

    internal void BeginMessage(ushort type, ushort flags, uint sequence)
    {
        _messageStart = Length;
        UInt32(0);
        UInt16(type);
        UInt16(flags);
        UInt32(sequence);
        UInt32(0);
    }

    internal readonly void EndMessage() =>
        MemoryMarshal.Write(_buffer[_messageStart..], (uint)(Length - _messageStart));

    internal void Byte(byte value) => _buffer[Length++] = value;

    internal void UInt16(ushort value)
    {
        MemoryMarshal.Write(_buffer[Length..], value);
        Length += sizeof(ushort);
    }

    internal void UInt32(uint value)
    {
        MemoryMarshal.Write(_buffer[Length..], value);
        Length += sizeof(uint);
    }

    internal void Attribute(ushort type, scoped ReadOnlySpan<byte> value)
    {
        UInt16((ushort)(Nl.AttributeHeaderLength + value.Length));
        UInt16(type);
        value.CopyTo(_buffer[Length..]);
        Length += value.Length;
        Pad();
    }

    /// <summary>Attributes that are written already, padding included.</summary>
    internal void Bytes(scoped ReadOnlySpan<byte> attributes)
    {
        attributes.CopyTo(_buffer[Length..]);
        Length += attributes.Length;
        Pad();
    }

    internal void Attribute(ushort type, byte value) => Attribute(type, [value]);

    internal void Attribute(ushort type, uint value)
    {
        UInt16(Nl.AttributeHeaderLength + sizeof(uint));
        UInt16(type);
        UInt32(value);
    }

    /// <summary>An IPv4 address as a number, written in network byte order.</summary>
    internal void NetworkOrderAttribute(ushort type, uint value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, value);
        Attribute(type, bytes);
    }

    /// <summary>As nfnetlink has its numbers.</summary>
    internal void NetworkOrderAttribute(ushort type, ulong value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, value);
        Attribute(type, bytes);
    }

    /// <summary>Text with a terminating zero.</summary>
    internal void Attribute(ushort type, string value)
    {
        var length = Encoding.UTF8.GetByteCount(value) + 1;
        UInt16((ushort)(Nl.AttributeHeaderLength + length));
        UInt16(type);
        Encoding.UTF8.GetBytes(value, _buffer[Length..]);
        _buffer[Length + length - 1] = 0;
        Length += length;
        Pad();
    }

    /// <summary>Opens an attribute that holds attributes; <see cref="EndNested"/> is given what this returns.</summary>
    internal int BeginNested(ushort type)
    {
        var start = Length;
        UInt16(0);
        UInt16((ushort)(type | Nl.Nested));
        return start;
    }

    internal readonly void EndNested(int start) => MemoryMarshal.Write(_buffer[start..], (ushort)(Length - start));

    private void Pad()
    {
        while (Length % Nl.Alignment != 0)
            _buffer[Length++] = 0;
    }
}
