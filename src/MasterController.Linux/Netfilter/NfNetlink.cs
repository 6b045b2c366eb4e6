using System.Buffers.Binary;
using MasterController.Linux.Netlink;

namespace MasterController.Linux.Netfilter;

/// <summary>What all of nfnetlink's subsystems share (linux/netfilter/nfnetlink.h), named as in the header.</summary>
internal static class NfNetlink
{
    internal const int MessageBody = 4; // struct nfgenmsg

    internal const byte NFPROTO_UNSPEC = 0;
    internal const byte NFPROTO_INET = 1;
    internal const byte NFPROTO_IPV4 = 2;
    internal const byte NFPROTO_IPV6 = 10;

    /// <summary>struct nfgenmsg</summary>
    internal static void Body(ref NetlinkWriter writer, byte family, ushort resource = 0)
    {
        writer.Byte(family);
        writer.Byte(0);
        writer.UInt16(BitConverter.IsLittleEndian ? BinaryPrimitives.ReverseEndianness(resource) : resource);
    }
}
