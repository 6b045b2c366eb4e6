using System.Buffers.Binary;

namespace MasterController.Linux.Advertisements;

/// <summary>What a host asks routers with (RFC 4861, 4.1).</summary>
internal static class RouterSolicitation
{
    /// <summary>The longest of account: of what is longer no option that anybody has thought of is left.</summary>
    internal const int MostBytes = 512;

    private const int LeastMessage = 8;
    private const byte SourceLinkAddress = 1;

    /// <summary>Whether a frame is one that a router has to heed (RFC 4861, 6.1.1).</summary>
    internal static bool IsValid(ReadOnlySpan<byte> frame)
    {
        if (
            frame.Length < Icmp6.MessageOffset + LeastMessage
            || BinaryPrimitives.ReadUInt16BigEndian(frame[12..]) != Icmp6.EtherType
            || frame[Icmp6.NextHeaderOffset] != Icmp6.NextHeader
            || frame[Icmp6.HopLimitOffset] != Icmp6.HopLimit
        )
            return false;
        int length = BinaryPrimitives.ReadUInt16BigEndian(frame[Icmp6.PayloadLengthOffset..]);
        if (length < LeastMessage || frame.Length < Icmp6.MessageOffset + length)
            return false;
        // Behind it Ethernet may have filled the frame up.
        var whole = frame[..(Icmp6.MessageOffset + length)];
        var message = whole[Icmp6.MessageOffset..];
        return message is [Icmp6.RouterSolicitation, 0, ..]
            && Icmp6.Checksum(whole) == 0
            && AreValid(message[LeastMessage..], IsUnspecified(whole));
    }

    private static bool AreValid(ReadOnlySpan<byte> options, bool fromNobody)
    {
        while (!options.IsEmpty)
        {
            var length = options.Length < 2 ? 0 : options[1] * 8;
            if (length == 0 || length > options.Length || (fromNobody && options[0] == SourceLinkAddress))
                return false;
            options = options[length..];
        }
        return true;
    }

    private static bool IsUnspecified(ReadOnlySpan<byte> frame) =>
        frame.Slice(Icmp6.SourceOffset, 16).IndexOfAnyExcept((byte)0) < 0;
}
