using System.Buffers.Binary;
using MasterController.Linux.Addresses;

namespace MasterController.LinuxTests.HostNetwork;

/// <summary>Builds and reads the few kinds of Ethernet frames that a guest needs: ARP, ICMP echo, UDP, TCP SYN.</summary>
internal static class Frames
{
    internal static readonly MacAddress Broadcast = new(0xffff_ffff_ffff);

    internal static byte[] ArpRequest(MacAddress sender, Ipv4Address senderIp, Ipv4Address target)
    {
        var body = new byte[28];
        byte[] head = [0, 1, 8, 0, 6, 4, 0, 1];
        head.CopyTo(body, 0);
        sender.WriteBytes(body.AsSpan(8));
        senderIp.WriteBytes(body.AsSpan(14));
        target.WriteBytes(body.AsSpan(24));
        return Ethernet(Broadcast, sender, 0x0806, body);
    }

    internal static byte[] ArpReply(MacAddress to, Ipv4Address toIp, MacAddress sender, Ipv4Address senderIp)
    {
        var body = new byte[28];
        byte[] head = [0, 1, 8, 0, 6, 4, 0, 2];
        head.CopyTo(body, 0);
        sender.WriteBytes(body.AsSpan(8));
        senderIp.WriteBytes(body.AsSpan(14));
        to.WriteBytes(body.AsSpan(18));
        toIp.WriteBytes(body.AsSpan(24));
        return Ethernet(to, sender, 0x0806, body);
    }

    /// <summary>The answer to a frame with an echo request, without IP options.</summary>
    internal static byte[] EchoReply(byte[] request, MacAddress from)
    {
        var length = BinaryPrimitives.ReadUInt16BigEndian(request.AsSpan(16));
        var icmp = request[34..(14 + length)];
        icmp[0] = 0;
        icmp.AsSpan(2, 2).Clear();
        BinaryPrimitives.WriteUInt16BigEndian(icmp.AsSpan(2), Checksum(icmp));
        return Ipv4(
            MacAddress.FromBytes(request.AsSpan(6, 6)),
            from,
            Ipv4Address.FromBytes(request.AsSpan(30)),
            Ipv4Address.FromBytes(request.AsSpan(26)),
            1,
            icmp
        );
    }

    internal static byte[] Echo(MacAddress to, MacAddress from, Ipv4Address source, Ipv4Address target, ushort id)
    {
        var icmp = new byte[16];
        icmp[0] = 8;
        BinaryPrimitives.WriteUInt16BigEndian(icmp.AsSpan(4), id);
        BinaryPrimitives.WriteUInt16BigEndian(icmp.AsSpan(2), Checksum(icmp));
        return Ipv4(to, from, source, target, 1, icmp);
    }

    internal static byte[] Udp(
        MacAddress to,
        MacAddress from,
        Ipv4Address source,
        Ipv4Address target,
        ushort port,
        string text,
        ushort sourcePort = 40_000
    )
    {
        var udp = new byte[8 + text.Length];
        BinaryPrimitives.WriteUInt16BigEndian(udp, sourcePort);
        BinaryPrimitives.WriteUInt16BigEndian(udp.AsSpan(2), port);
        BinaryPrimitives.WriteUInt16BigEndian(udp.AsSpan(4), (ushort)udp.Length);
        System.Text.Encoding.ASCII.GetBytes(text, udp.AsSpan(8)); // a checksum of 0 means none (RFC 768)
        return Ipv4(to, from, source, target, 17, udp);
    }

    internal static byte[] TcpSyn(MacAddress to, MacAddress from, Ipv4Address source, Ipv4Address target, ushort port)
    {
        var tcp = new byte[20];
        BinaryPrimitives.WriteUInt16BigEndian(tcp, 40_000);
        BinaryPrimitives.WriteUInt16BigEndian(tcp.AsSpan(2), port);
        tcp[12] = 5 << 4;
        tcp[13] = 2; // SYN
        BinaryPrimitives.WriteUInt16BigEndian(tcp.AsSpan(14), 0xffff);
        var pseudo = new byte[12 + tcp.Length];
        source.WriteBytes(pseudo);
        target.WriteBytes(pseudo.AsSpan(4));
        pseudo[9] = 6;
        pseudo[11] = (byte)tcp.Length;
        tcp.CopyTo(pseudo, 12);
        BinaryPrimitives.WriteUInt16BigEndian(tcp.AsSpan(16), Checksum(pseudo));
        return Ipv4(to, from, source, target, 6, tcp);
    }

    /// <summary>An IPv6 router solicitation to all routers, as a guest with IPv6 sends it first.</summary>
    internal static byte[] RouterSolicitation(MacAddress from)
    {
        var packet = new byte[48];
        packet[0] = 0x60;
        packet[5] = 8;
        packet[6] = 58;
        packet[7] = 255;
        packet[8] = 0xfe;
        packet[9] = 0x80;
        packet[23] = 1;
        packet[24] = 0xff;
        packet[25] = 2;
        packet[39] = 2;
        packet[40] = 133;
        return Ethernet(new MacAddress(0x3333_0000_0002), from, 0x86dd, packet);
    }

    /// <summary>A UDP packet of IPv6, whoever its addresses belong to.</summary>
    internal static byte[] Ipv6Udp(MacAddress to, MacAddress from, string source, string target, ushort port)
    {
        var packet = new byte[48];
        packet[0] = 0x60;
        packet[5] = 8;
        packet[6] = 17;
        packet[7] = 64;
        System.Net.IPAddress.Parse(source).TryWriteBytes(packet.AsSpan(8), out _);
        System.Net.IPAddress.Parse(target).TryWriteBytes(packet.AsSpan(24), out _);
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(40), 40_000);
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(42), port);
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(44), 8);
        // Unlike with IPv4 a checksum is required (RFC 8200, 8.1): over the addresses, the length and the next header.
        byte[] pseudo = [.. packet[8..40], 0, 0, 0, 8, 0, 0, 0, 17, .. packet[40..]];
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(46), Checksum(pseudo));
        return Ethernet(to, from, 0x86dd, packet);
    }

    private static byte[] Ipv4(
        MacAddress to,
        MacAddress from,
        Ipv4Address source,
        Ipv4Address target,
        byte protocol,
        byte[] payload
    )
    {
        var packet = new byte[20 + payload.Length];
        packet[0] = 0x45;
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(2), (ushort)packet.Length);
        packet[8] = 64;
        packet[9] = protocol;
        source.WriteBytes(packet.AsSpan(12));
        target.WriteBytes(packet.AsSpan(16));
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(10), Checksum(packet.AsSpan(0, 20)));
        payload.CopyTo(packet, 20);
        return Ethernet(to, from, 0x0800, packet);
    }

    private static byte[] Ethernet(MacAddress to, MacAddress from, ushort type, byte[] payload)
    {
        var frame = new byte[14 + payload.Length];
        to.WriteBytes(frame);
        from.WriteBytes(frame.AsSpan(6));
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(12), type);
        payload.CopyTo(frame, 14);
        return frame;
    }

    // RFC 1071
    private static ushort Checksum(ReadOnlySpan<byte> bytes)
    {
        uint sum = 0;
        for (var i = 0; i < bytes.Length; i += 2)
            sum += (uint)(bytes[i] << 8 | (i + 1 < bytes.Length ? bytes[i + 1] : 0));
        while (sum >> 16 != 0)
            sum = (sum & 0xffff) + (sum >> 16);
        return (ushort)~sum;
    }
}
