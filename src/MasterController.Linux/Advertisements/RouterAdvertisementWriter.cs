using System.Buffers.Binary;
using MasterController.Linux.Addresses;

namespace MasterController.Linux.Advertisements;

/// <summary>
/// Writes a router advertisement to all nodes of a link (RFC 4861, 4.2 and 4.6; RFC 8106, 5.1), with the headers of
/// Ethernet, IPv6 and ICMPv6.
/// </summary>
internal ref struct RouterAdvertisementWriter(Span<byte> frame)
{
    private const int MostResolvers = 8;

    private static readonly MacAddress AllNodesMac = new(0x3333_0000_0001); // RFC 2464, 7
    private static readonly Ipv6Address AllNodes = Ipv6Address.Parse("ff02::1");

    private readonly Span<byte> _frame = frame;
    private int _length;

    /// <param name="lifetime">In seconds; with 0 it is no default router.</param>
    internal void Begin(MacAddress router, Ipv6Address source, ushort lifetime)
    {
        Mac(AllNodesMac);
        Mac(router);
        UInt16(Icmp6.EtherType);
        UInt32(0x6000_0000); // version 6
        UInt16(0); // the payload's length, see End
        Byte(Icmp6.NextHeader);
        Byte(Icmp6.HopLimit);
        Address(source);
        Address(AllNodes);
        Byte(Icmp6.RouterAdvertisement);
        Byte(0);
        UInt16(0); // the checksum, see End
        Byte(64); // the hop limit that hosts are to use
        Byte(0); // no addresses and nothing else by DHCPv6
        UInt16(lifetime);
        UInt32(0); // how long neighbours are believed reachable, and the pause between questions: unspecified
        UInt32(0);
    }

    internal void SourceLinkAddress(MacAddress mac)
    {
        Option(type: 1, eights: 1);
        Mac(mac);
    }

    internal void Mtu(uint mtu)
    {
        Option(type: 5, eights: 1);
        UInt16(0);
        UInt32(mtu);
    }

    /// <summary>Addresses may be made in it (A), and it is not on the link (no L).</summary>
    internal void Prefix(Ipv6Network prefix, uint validSeconds, uint preferredSeconds)
    {
        Option(type: 3, eights: 4);
        Byte((byte)prefix.PrefixLength);
        Byte(0x40);
        UInt32(validSeconds);
        UInt32(preferredSeconds);
        UInt32(0);
        Address(prefix.Address);
    }

    internal void Resolvers(IReadOnlyList<Ipv6Address> resolvers, uint seconds)
    {
        var count = Math.Min(resolvers.Count, MostResolvers);
        Option(type: 25, eights: (byte)(1 + (2 * count)));
        UInt16(0);
        UInt32(seconds);
        for (var i = 0; i < count; i++)
            Address(resolvers[i]);
    }

    /// <summary>Fills in length and checksum; the frame's length.</summary>
    internal readonly int End()
    {
        var message = _frame[Icmp6.MessageOffset.._length];
        BinaryPrimitives.WriteUInt16BigEndian(_frame[Icmp6.PayloadLengthOffset..], (ushort)message.Length);
        BinaryPrimitives.WriteUInt16BigEndian(message[2..], Icmp6.Checksum(_frame[.._length]));
        return _length;
    }

    private void Option(byte type, byte eights)
    {
        Byte(type);
        Byte(eights);
    }

    private void Byte(byte value) => _frame[_length++] = value;

    private void UInt16(ushort value)
    {
        BinaryPrimitives.WriteUInt16BigEndian(_frame[_length..], value);
        _length += sizeof(ushort);
    }

    private void UInt32(uint value)
    {
        BinaryPrimitives.WriteUInt32BigEndian(_frame[_length..], value);
        _length += sizeof(uint);
    }

    private void Mac(MacAddress mac)
    {
        mac.WriteBytes(_frame[_length..]);
        _length += 6;
    }

    private void Address(Ipv6Address address)
    {
        address.WriteBytes(_frame[_length..]);
        _length += 16;
    }
}
