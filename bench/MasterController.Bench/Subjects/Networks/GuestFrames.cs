using System.Buffers.Binary;
using MasterController.Core.HostNetwork;
using MasterController.Linux.Addresses;

namespace MasterController.Bench.Subjects.Networks;

/// <summary>
/// Ethernet frames of a guest, as its hypervisor hands them to a TAP: a header of virtio-net with nothing in it, then the
/// frame. Checksums of UDP are left out, as RFC 768 allows.
/// </summary>
internal static class GuestFrames
{
    /// <summary>struct virtio_net_hdr (linux/virtio_net.h).</summary>
    public const int VnetHeader = 10;

    private const int Ethernet = 14;
    private const int IpHeader = 20;
    private const int Payload = VnetHeader + Ethernet + IpHeader;
    private const byte Icmp = 1;
    private const byte Udp = 17;

    /// <param name="length">Of the IP packet; at least 28.</param>
    public static byte[] Datagram(Attachment from, Ipv4Address to, ushort port, int length)
    {
        var frame = Packet(from, to, Udp, length);
        var udp = frame.AsSpan(Payload);
        BinaryPrimitives.WriteUInt16BigEndian(udp, SourcePort);
        BinaryPrimitives.WriteUInt16BigEndian(udp[2..], port);
        BinaryPrimitives.WriteUInt16BigEndian(udp[4..], (ushort)udp.Length);
        return frame;
    }

    /// <summary>An ICMP echo request (RFC 792) with 56 bytes of data, as ping(8) sends it.</summary>
    public static byte[] Echo(Attachment from, Ipv4Address to, ushort sequence)
    {
        var frame = Packet(from, to, Icmp, IpHeader + 64);
        var icmp = frame.AsSpan(Payload);
        icmp[0] = 8;
        BinaryPrimitives.WriteUInt16BigEndian(icmp[6..], sequence);
        BinaryPrimitives.WriteUInt16BigEndian(icmp[2..], Checksum(icmp));
        return frame;
    }

    public const ushort SourcePort = 40_000;

    public static bool IsEchoReply(ReadOnlySpan<byte> frame, ushort sequence) =>
        IsOf(frame, Icmp)
        && frame[Payload] == 0
        && BinaryPrimitives.ReadUInt16BigEndian(frame[(Payload + 6)..]) == sequence;

    public static bool IsDatagram(ReadOnlySpan<byte> frame) => IsOf(frame, Udp);

    private static bool IsOf(ReadOnlySpan<byte> frame, byte protocol) =>
        frame.Length >= Payload + 8
        && frame[VnetHeader + 12] == 8
        && frame[VnetHeader + 13] == 0
        && frame[VnetHeader + Ethernet + 9] == protocol;

    private static byte[] Packet(Attachment from, Ipv4Address to, byte protocol, int length)
    {
        var frame = new byte[VnetHeader + Ethernet + length];
        var ethernet = frame.AsSpan(VnetHeader);
        HostNetworkMarks.RouterMac.WriteBytes(ethernet);
        from.Mac.WriteBytes(ethernet[6..]);
        ethernet[12] = 8;
        var ip = ethernet[Ethernet..];
        ip[0] = 0x45;
        BinaryPrimitives.WriteUInt16BigEndian(ip[2..], (ushort)length);
        ip[8] = 64;
        ip[9] = protocol;
        from.Address.WriteBytes(ip[12..]);
        to.WriteBytes(ip[16..]);
        BinaryPrimitives.WriteUInt16BigEndian(ip[10..], Checksum(ip[..IpHeader]));
        return frame;
    }

    // RFC 1071, of an even number of bytes
    private static ushort Checksum(ReadOnlySpan<byte> bytes)
    {
        uint sum = 0;
        for (var i = 0; i < bytes.Length; i += 2)
            sum += BinaryPrimitives.ReadUInt16BigEndian(bytes[i..]);
        while (sum >> 16 != 0)
            sum = (sum & 0xffff) + (sum >> 16);
        return (ushort)~sum;
    }
}
