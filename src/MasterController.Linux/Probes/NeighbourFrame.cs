using System.Buffers.Binary;
using MasterController.Linux.Addresses;

namespace MasterController.Linux.Probes;

/// <summary>Neighbour discovery and echo of IPv6 over Ethernet (RFC 4861, RFC 4443, RFC 2464), with the Ethernet header.</summary>
internal static class NeighbourFrame
{
    /// <summary>Ethernet, IPv6, a message with a target and one option of a link-layer address.</summary>
    internal const int Length = 14 + 40 + 32;

    /// <summary>Ethernet, IPv6, an echo without data.</summary>
    internal const int EchoLength = 14 + 40 + 8;

    internal const byte Solicitation = 135;
    internal const byte Advertisement = 136;
    internal const byte EchoRequest = 128;
    internal const byte EchoReply = 129;

    private const int EthernetLength = 14;
    private const int HeaderLength = 40;
    private const byte IcmpV6 = 58;

    // A packet that a router has sent on has less: who answers these is on the link.
    private const byte HopLimit = 255;

    private const byte SourceLinkAddress = 1;
    private const byte TargetLinkAddress = 2;
    private const byte Override = 0x20;
    private const byte Router = 0x80;

    private static readonly Ipv6Address AllNodes = Ipv6Address.Parse("ff02::1");
    private static readonly MacAddress AllNodesMac = new(0x3333_0000_0001);

    /// <summary>"Who has <paramref name="target"/>?", sent to its hardware address alone.</summary>
    internal static void WriteSolicitation(
        Span<byte> frame,
        MacAddress router,
        Ipv6Address sender,
        MacAddress targetMac,
        Ipv6Address target
    )
    {
        WriteHeaders(frame[..Length], targetMac, router, sender, target);
        var message = frame[(EthernetLength + HeaderLength)..Length];
        message.Clear();
        message[0] = Solicitation;
        target.WriteBytes(message[8..]);
        WriteOption(message[24..], SourceLinkAddress, router);
        WriteChecksum(frame[..Length]);
    }

    /// <summary>
    /// Tells all on the link that <paramref name="address"/> is at <paramref name="router"/> now, without being asked
    /// (RFC 4861, 7.2.6). It overrides what they knew, which a proxy's answer to a question does not.
    /// </summary>
    internal static void WriteAnnouncement(Span<byte> frame, MacAddress router, Ipv6Address address)
    {
        WriteHeaders(frame[..Length], AllNodesMac, router, address, AllNodes);
        var message = frame[(EthernetLength + HeaderLength)..Length];
        message.Clear();
        message[0] = Advertisement;
        message[4] = Override | Router;
        address.WriteBytes(message[8..]);
        WriteOption(message[24..], TargetLinkAddress, router);
        WriteChecksum(frame[..Length]);
    }

    internal static void WriteEcho(
        Span<byte> frame,
        MacAddress router,
        Ipv6Address sender,
        MacAddress targetMac,
        Ipv6Address target,
        ushort identifier
    )
    {
        WriteHeaders(frame[..EchoLength], targetMac, router, sender, target);
        var message = frame[(EthernetLength + HeaderLength)..EchoLength];
        message.Clear();
        message[0] = EchoRequest;
        BinaryPrimitives.WriteUInt16BigEndian(message[4..], identifier);
        WriteChecksum(frame[..EchoLength]);
    }

    /// <summary>Whether it advertises an address, and whose it says it is; the sender's where it names no link-layer address.</summary>
    internal static bool TryReadAdvertisement(ReadOnlySpan<byte> frame, out MacAddress mac, out Ipv6Address address)
    {
        (mac, address) = (default, default);
        if (!TryReadMessage(frame, Advertisement, out var message) || frame[EthernetLength + 7] != HopLimit)
            return false;
        if (message.Length < 24)
            return false;
        address = Ipv6Address.FromBytes(message[8..24]);
        mac = MacAddress.FromBytes(frame[6..12]);
        for (var options = message[24..]; options.Length >= 8 && options[1] > 0; )
        {
            var length = Math.Min(options[1] * 8, options.Length);
            if (options[0] == TargetLinkAddress)
                mac = MacAddress.FromBytes(options[2..8]);
            options = options[length..];
        }
        return true;
    }

    internal static bool TryReadEchoReply(ReadOnlySpan<byte> frame, out Ipv6Address source, out ushort identifier)
    {
        (source, identifier) = (default, 0);
        if (!TryReadMessage(frame, EchoReply, out var message) || message.Length < 8)
            return false;
        source = Ipv6Address.FromBytes(frame[(EthernetLength + 8)..(EthernetLength + 24)]);
        identifier = BinaryPrimitives.ReadUInt16BigEndian(message[4..]);
        return true;
    }

    private static bool TryReadMessage(ReadOnlySpan<byte> frame, byte type, out ReadOnlySpan<byte> message)
    {
        message = default;
        if (frame.Length < EchoLength || BinaryPrimitives.ReadUInt16BigEndian(frame[12..]) != Libc.ETH_P_IPV6)
            return false;
        var header = frame[EthernetLength..];
        if (header[6] != IcmpV6)
            return false;
        message = frame[(EthernetLength + HeaderLength)..];
        return message[0] == type && message[1] == 0;
    }

    private static void WriteHeaders(
        Span<byte> frame,
        MacAddress to,
        MacAddress from,
        Ipv6Address source,
        Ipv6Address destination
    )
    {
        to.WriteBytes(frame);
        from.WriteBytes(frame[6..]);
        BinaryPrimitives.WriteUInt16BigEndian(frame[12..], Libc.ETH_P_IPV6);
        var header = frame[EthernetLength..];
        header[..8].Clear();
        header[0] = 0x60;
        BinaryPrimitives.WriteUInt16BigEndian(header[4..], (ushort)(frame.Length - EthernetLength - HeaderLength));
        header[6] = IcmpV6;
        header[7] = HopLimit;
        source.WriteBytes(header[8..]);
        destination.WriteBytes(header[24..]);
    }

    private static void WriteOption(Span<byte> option, byte type, MacAddress mac)
    {
        option[0] = type;
        option[1] = 1; // in units of eight bytes
        mac.WriteBytes(option[2..]);
    }

    // Over both addresses, the length, the protocol and the message (RFC 8200, 8.1).
    private static void WriteChecksum(Span<byte> frame)
    {
        var message = frame[(EthernetLength + HeaderLength)..];
        var addresses = frame.Slice(EthernetLength + 8, 32);
        var sum = Sum(addresses) + (uint)message.Length + IcmpV6 + Sum(message);
        while (sum >> 16 != 0)
            sum = (sum & 0xffff) + (sum >> 16);
        BinaryPrimitives.WriteUInt16BigEndian(message[2..], (ushort)~sum);
    }

    private static uint Sum(ReadOnlySpan<byte> bytes)
    {
        uint sum = 0;
        for (var i = 0; i < bytes.Length; i += 2)
            sum += BinaryPrimitives.ReadUInt16BigEndian(bytes[i..]);
        return sum;
    }
}
