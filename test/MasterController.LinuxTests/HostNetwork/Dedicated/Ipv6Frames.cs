using System.Buffers.Binary;
using System.Text;
using MasterController.Linux.Addresses;

namespace MasterController.LinuxTests.HostNetwork.Dedicated;

/// <summary>Builds and reads frames of IPv6 as guests and routers send them.</summary>
internal static class Ipv6Frames
{
    internal const byte NeighbourSolicitation = 135;
    internal const byte NeighbourAdvertisement = 136;

    private const int Message = 54;

    internal static byte[] Udp(
        MacAddress to,
        MacAddress from,
        Ipv6Address source,
        Ipv6Address target,
        ushort port,
        string text
    )
    {
        var udp = new byte[8 + text.Length];
        BinaryPrimitives.WriteUInt16BigEndian(udp, 40_000);
        BinaryPrimitives.WriteUInt16BigEndian(udp.AsSpan(2), port);
        BinaryPrimitives.WriteUInt16BigEndian(udp.AsSpan(4), (ushort)udp.Length);
        Encoding.ASCII.GetBytes(text, udp.AsSpan(8));
        return Packet(to, from, source, target, 17, 64, udp, checksumAt: 6);
    }

    /// <summary>As a neighbour asks, with its own link-layer address.</summary>
    internal static byte[] Solicit(MacAddress to, MacAddress from, Ipv6Address source, Ipv6Address target)
    {
        byte[] icmp = [NeighbourSolicitation, 0, 0, 0, 0, 0, 0, 0, .. new byte[16], 1, 1, .. new byte[6]];
        target.WriteBytes(icmp.AsSpan(8));
        from.WriteBytes(icmp.AsSpan(26));
        return Packet(to, from, source, SolicitedNodeOf(target), 58, 255, icmp, checksumAt: 2);
    }

    /// <summary>As one answers, or claims an address unasked.</summary>
    internal static byte[] Advertise(
        MacAddress to,
        MacAddress from,
        Ipv6Address source,
        Ipv6Address target,
        Ipv6Address address
    )
    {
        byte[] icmp = [NeighbourAdvertisement, 0, 0, 0, 0x60, 0, 0, 0, .. new byte[16], 2, 1, .. new byte[6]];
        address.WriteBytes(icmp.AsSpan(8));
        from.WriteBytes(icmp.AsSpan(26));
        return Packet(to, from, source, target, 58, 255, icmp, checksumAt: 2);
    }

    internal static byte[] Echo(MacAddress to, MacAddress from, Ipv6Address source, Ipv6Address target) =>
        Packet(to, from, source, target, 58, 64, [128, 0, 0, 0, 0x12, 0x34, 0, 1], checksumAt: 2);

    internal static byte[] EchoReply(byte[] request, MacAddress from)
    {
        var icmp = request[Message..];
        icmp[0] = 129;
        icmp.AsSpan(2, 2).Clear();
        return Packet(
            MacAddress.FromBytes(request.AsSpan(6, 6)),
            from,
            Ipv6Address.FromBytes(request.AsSpan(38, 16)),
            Ipv6Address.FromBytes(request.AsSpan(22, 16)),
            58,
            64,
            icmp,
            checksumAt: 2
        );
    }

    /// <summary>A router's, with itself as the default for half an hour (RFC 4861, 4.2).</summary>
    internal static byte[] RouterAdvertisement(MacAddress from, Ipv6Address source)
    {
        byte[] icmp = [134, 0, 0, 0, 64, 0, 0x07, 0x08, .. new byte[8]];
        return Packet(new(0x3333_0000_0001), from, source, Ipv6Address.Parse("ff02::1"), 58, 255, icmp, checksumAt: 2);
    }

    internal static bool IsSolicitationFor(byte[] frame, Ipv6Address target) =>
        IsIcmp(frame, NeighbourSolicitation) && Ipv6Address.FromBytes(frame.AsSpan(62, 16)) == target;

    internal static bool IsAdvertisementOf(byte[] frame, Ipv6Address address) =>
        IsIcmp(frame, NeighbourAdvertisement) && Ipv6Address.FromBytes(frame.AsSpan(62, 16)) == address;

    internal static bool IsEchoRequest(byte[] frame) => IsIcmp(frame, 128);

    internal static bool IsEchoReply(byte[] frame) => IsIcmp(frame, 129);

    internal static bool IsUdp(byte[] frame, string text) =>
        frame.Length >= 62
        && BinaryPrimitives.ReadUInt16BigEndian(frame.AsSpan(12)) == 0x86dd
        && frame[20] == 17
        && Encoding.ASCII.GetString(frame.AsSpan(62)) == text;

    private static bool IsIcmp(byte[] frame, byte type) =>
        frame.Length >= 62
        && BinaryPrimitives.ReadUInt16BigEndian(frame.AsSpan(12)) == 0x86dd
        && frame[20] == 58
        && frame[Message] == type;

    private static Ipv6Address SolicitedNodeOf(Ipv6Address target) =>
        new(Ipv6Address.Parse("ff02::1:ff00:0").Value | (target.Value & 0xff_ffff));

    private static byte[] Packet(
        MacAddress to,
        MacAddress from,
        Ipv6Address source,
        Ipv6Address target,
        byte protocol,
        byte hopLimit,
        byte[] payload,
        int checksumAt
    )
    {
        var frame = new byte[Message + payload.Length];
        to.WriteBytes(frame);
        from.WriteBytes(frame.AsSpan(6));
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(12), 0x86dd);
        frame[14] = 0x60;
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(18), (ushort)payload.Length);
        (frame[20], frame[21]) = (protocol, hopLimit);
        source.WriteBytes(frame.AsSpan(22));
        target.WriteBytes(frame.AsSpan(38));
        payload.CopyTo(frame, Message);
        // RFC 8200, 8.1
        byte[] pseudo = [.. frame[22..54], 0, 0, 0, (byte)payload.Length, 0, 0, 0, protocol, .. payload, 0];
        uint sum = 0;
        for (var i = 0; i + 1 < pseudo.Length; i += 2)
            sum += (uint)((pseudo[i] << 8) | pseudo[i + 1]);
        while (sum >> 16 != 0)
            sum = (sum & 0xffff) + (sum >> 16);
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(Message + checksumAt), (ushort)~sum);
        return frame;
    }
}
