using System.Buffers.Binary;

namespace MasterController.Linux.Advertisements;

/// <summary>Neighbour discovery (RFC 4861) in Ethernet frames without extension headers: where things are in them.</summary>
internal static class Icmp6
{
    internal const ushort EtherType = 0x86dd;

    internal const byte NextHeader = 58,
        RouterSolicitation = 133,
        RouterAdvertisement = 134;

    /// <summary>What has another was sent from somewhere else than the link.</summary>
    internal const byte HopLimit = 255;

    internal const int PayloadLengthOffset = 18,
        NextHeaderOffset = 20,
        HopLimitOffset = 21,
        SourceOffset = 22,
        MessageOffset = 54;

    private const int AddressesLength = 32;

    /// <summary>
    /// Of the whole message with its pseudo header (RFC 8200, 8.1), with the checksum's own field taken as it is: of a right
    /// message 0.
    /// </summary>
    internal static ushort Checksum(ReadOnlySpan<byte> frame)
    {
        var message = frame[MessageOffset..];
        var sum = (ulong)message.Length + NextHeader + Sum(frame.Slice(SourceOffset, AddressesLength)) + Sum(message);
        while (sum >> 16 != 0)
            sum = (sum & 0xffff) + (sum >> 16);
        return (ushort)~sum;
    }

    private static ulong Sum(ReadOnlySpan<byte> bytes)
    {
        ulong sum = 0;
        for (; bytes.Length > 1; bytes = bytes[2..])
            sum += BinaryPrimitives.ReadUInt16BigEndian(bytes);
        return bytes.IsEmpty ? sum : sum + ((ulong)bytes[0] << 8);
    }
}
