using System.Buffers.Binary;
using MasterController.Linux.Addresses;

namespace MasterController.Linux.Probes;

/// <summary>ARP for IPv4 over Ethernet (RFC 826), with the Ethernet header.</summary>
internal static class ArpFrame
{
    internal const int Length = 42;

    private const int HeaderLength = 14;
    private static readonly MacAddress Broadcast = new(0xffff_ffff_ffff);
    private const ushort Request = 1;
    private const ushort Reply = 2;

    // Hardware type 1 (Ethernet), protocol 0x0800 (IPv4), lengths of their addresses.
    private static ReadOnlySpan<byte> Kind => [0, 1, 8, 0, 6, 4];

    /// <summary>"Who has <paramref name="target"/>? Tell <paramref name="sender"/>", sent to its hardware address alone.</summary>
    /// <param name="sender">0.0.0.0 asks without a claim to any address (RFC 5227).</param>
    internal static void WriteRequest(
        Span<byte> frame,
        MacAddress router,
        Ipv4Address sender,
        MacAddress targetMac,
        Ipv4Address target
    )
    {
        targetMac.WriteBytes(frame);
        router.WriteBytes(frame[6..]);
        BinaryPrimitives.WriteUInt16BigEndian(frame[12..], Libc.ETH_P_ARP);
        var body = frame[HeaderLength..];
        Kind.CopyTo(body);
        BinaryPrimitives.WriteUInt16BigEndian(body[6..], Request);
        router.WriteBytes(body[8..]);
        sender.WriteBytes(body[14..]);
        new MacAddress(0).WriteBytes(body[18..]);
        target.WriteBytes(body[24..]);
    }

    /// <summary>
    /// Tells all on the link that <paramref name="address"/> is at <paramref name="router"/> now: a request for the sender's
    /// own address, which everybody who has an entry for it takes over (RFC 5944, 4.6).
    /// </summary>
    internal static void WriteAnnouncement(Span<byte> frame, MacAddress router, Ipv4Address address) =>
        WriteRequest(frame, router, address, Broadcast, address);

    /// <summary>Whether it is a reply, and who says that it has which address.</summary>
    internal static bool TryReadReply(ReadOnlySpan<byte> frame, out MacAddress mac, out Ipv4Address address)
    {
        (mac, address) = (default, default);
        if (frame.Length < Length)
            return false;
        var body = frame[HeaderLength..];
        if (!body.StartsWith(Kind) || BinaryPrimitives.ReadUInt16BigEndian(body[6..]) != Reply)
            return false;
        mac = MacAddress.FromBytes(body[8..14]);
        address = Ipv4Address.FromBytes(body[14..]);
        // One whose header and body differ has been forged.
        return frame[6..12].SequenceEqual(body[8..14]);
    }
}
