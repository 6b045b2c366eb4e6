using System.Buffers.Binary;

namespace MasterController.Linux.Probes;

/// <summary>ICMP echo (RFC 792), without data.</summary>
internal static class EchoMessage
{
    internal const int Length = 8;

    private const byte Request = 8;
    private const byte Reply = 0;
    private const int LeastIpHeader = 20;

    internal static void WriteRequest(Span<byte> message, ushort identifier, ushort sequence)
    {
        message[..Length].Clear();
        message[0] = Request;
        BinaryPrimitives.WriteUInt16BigEndian(message[4..], identifier);
        BinaryPrimitives.WriteUInt16BigEndian(message[6..], sequence);
        BinaryPrimitives.WriteUInt16BigEndian(message[2..], Checksum(message[..Length]));
    }

    /// <summary>Reads what a raw socket gives: with the IP header, its checksum checked by the kernel.</summary>
    internal static bool TryReadReply(ReadOnlySpan<byte> packet, out ushort identifier, out ushort sequence)
    {
        (identifier, sequence) = (0, 0);
        var header = packet.IsEmpty ? 0 : (packet[0] & 0xf) * 4;
        if (header < LeastIpHeader || packet.Length < header + Length)
            return false;
        var message = packet[header..];
        identifier = BinaryPrimitives.ReadUInt16BigEndian(message[4..]);
        sequence = BinaryPrimitives.ReadUInt16BigEndian(message[6..]);
        return message[0] == Reply && message[1] == 0;
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
