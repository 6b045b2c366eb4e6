using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;

namespace MasterController.Linux.Netlink;

/// <summary>One message of the kernel: its header, and what follows it.</summary>
internal readonly ref struct NetlinkMessage(ushort type, ushort flags, uint sequence, ReadOnlySpan<byte> payload)
{
    internal ushort Type { get; } = type;

    internal ushort Flags { get; } = flags;

    internal uint Sequence { get; } = sequence;

    internal ReadOnlySpan<byte> Payload { get; } = payload;

    /// <summary>The attributes behind a fixed body of <paramref name="bodyLength"/> bytes.</summary>
    internal AttributeReader Attributes(int bodyLength) =>
        new(Payload.Length > bodyLength ? Payload[bodyLength..] : default);
}

/// <summary>Walks the messages of one datagram.</summary>
internal ref struct NetlinkReader(ReadOnlySpan<byte> datagram)
{
    private ReadOnlySpan<byte> _rest = datagram;

    /// <exception cref="NetlinkException">A length does not fit the datagram.</exception>
    internal bool TryRead(out NetlinkMessage message)
    {
        message = default;
        if (_rest.IsEmpty)
            return false;
        if (_rest.Length < Nl.HeaderLength)
            throw new NetlinkException("A netlink datagram ended within a header");
        var length = MemoryMarshal.Read<int>(_rest);
        if (length < Nl.HeaderLength || length > _rest.Length)
            throw new NetlinkException($"A netlink message of {length} bytes in a datagram's last {_rest.Length}");
        message = new NetlinkMessage(
            MemoryMarshal.Read<ushort>(_rest[4..]),
            MemoryMarshal.Read<ushort>(_rest[6..]),
            MemoryMarshal.Read<uint>(_rest[8..]),
            _rest[Nl.HeaderLength..length]
        );
        _rest = _rest[Math.Min(Nl.Align(length), _rest.Length)..];
        return true;
    }
}

/// <summary>Walks attributes (struct nlattr); stops at the first whose length does not fit.</summary>
internal ref struct AttributeReader(ReadOnlySpan<byte> attributes)
{
    private ReadOnlySpan<byte> _rest = attributes;

    /// <summary>Without the flag bits for nesting and byte order.</summary>
    internal ushort Type { get; private set; }

    internal ReadOnlySpan<byte> Value { get; private set; }

    internal readonly AttributeReader Nested => new(Value);

    /// <summary>Zero where the attribute is shorter than four bytes.</summary>
    internal readonly uint UInt32 => Value.Length >= sizeof(uint) ? MemoryMarshal.Read<uint>(Value) : 0;

    /// <summary>In network byte order, as nfnetlink has its numbers; zero where the attribute is shorter.</summary>
    internal readonly uint NetworkOrderUInt32 =>
        Value.Length >= sizeof(uint) ? BinaryPrimitives.ReadUInt32BigEndian(Value) : 0;

    /// <inheritdoc cref="NetworkOrderUInt32"/>
    internal readonly ulong NetworkOrderUInt64 =>
        Value.Length >= sizeof(ulong) ? BinaryPrimitives.ReadUInt64BigEndian(Value) : 0;

    internal readonly byte Byte => Value.IsEmpty ? (byte)0 : Value[0];

    internal readonly string Text => Encoding.UTF8.GetString(Value.TrimEnd((byte)0));

    internal bool TryRead()
    {
        if (_rest.Length < Nl.AttributeHeaderLength)
            return false;
        var length = MemoryMarshal.Read<ushort>(_rest);
        if (length < Nl.AttributeHeaderLength || length > _rest.Length)
            return false;
        Type = (ushort)(MemoryMarshal.Read<ushort>(_rest[2..]) & Nl.TypeMask);
        Value = _rest[Nl.AttributeHeaderLength..length];
        _rest = _rest[Math.Min(Nl.Align(length), _rest.Length)..];
        return true;
    }
}
