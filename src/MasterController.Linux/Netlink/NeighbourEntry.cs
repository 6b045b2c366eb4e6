using System.Runtime.InteropServices;
using MasterController.Linux.Addresses;

namespace MasterController.Linux.Netlink;

/// <summary>An entry of the ARP table, or an address that an interface answers for in another's place (proxy).</summary>
/// <param name="Protocol">Who made it, as with routes; 0 where nobody said.</param>
public readonly record struct NeighbourEntry(
    int Index,
    Ipv4Address Address,
    bool IsPermanent,
    MacAddress? Mac,
    byte Protocol = 0
)
{
    internal static NeighbourEntry Read(NetlinkMessage message)
    {
        var head = NeighbourHead.Read(message, addressLength: 4, out var address);
        return new(
            head.Index,
            address.IsEmpty ? default : Ipv4Address.FromBytes(address),
            head.IsPermanent,
            head.Mac,
            head.Protocol
        );
    }
}

/// <summary>The same of IPv6.</summary>
public readonly record struct Ipv6NeighbourEntry(
    int Index,
    Ipv6Address Address,
    bool IsPermanent,
    MacAddress? Mac,
    byte Protocol = 0
)
{
    internal static Ipv6NeighbourEntry Read(NetlinkMessage message)
    {
        var head = NeighbourHead.Read(message, addressLength: 16, out var address);
        return new(
            head.Index,
            address.IsEmpty ? default : Ipv6Address.FromBytes(address),
            head.IsPermanent,
            head.Mac,
            head.Protocol
        );
    }
}

/// <summary>What entries of both families have.</summary>
internal readonly record struct NeighbourHead(int Index, bool IsPermanent, MacAddress? Mac, byte Protocol)
{
    internal static NeighbourHead Read(NetlinkMessage message, int addressLength, out ReadOnlySpan<byte> address)
    {
        var head = new NeighbourHead
        {
            Index = MemoryMarshal.Read<int>(message.Payload[4..]),
            IsPermanent = (MemoryMarshal.Read<ushort>(message.Payload[8..]) & Rt.NUD_PERMANENT) != 0,
        };
        address = default;
        var attributes = message.Attributes(Rt.NeighbourBody);
        while (attributes.TryRead())
            if (attributes.Type == Rt.NDA_DST && attributes.Value.Length == addressLength)
                address = attributes.Value;
            else if (attributes.Type == Rt.NDA_LLADDR && attributes.Value.Length == 6)
                head = head with { Mac = MacAddress.FromBytes(attributes.Value) };
            else if (attributes.Type == Rt.NDA_PROTOCOL)
                head = head with { Protocol = attributes.Byte };
        return head;
    }
}
