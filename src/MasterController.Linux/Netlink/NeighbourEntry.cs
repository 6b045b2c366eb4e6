using System.Runtime.InteropServices;
using MasterController.Linux.Addresses;

namespace MasterController.Linux.Netlink;

/// <summary>An entry of the ARP table.</summary>
public readonly record struct NeighbourEntry(int Index, Ipv4Address Address, bool IsPermanent, MacAddress? Mac)
{
    internal static NeighbourEntry Read(NetlinkMessage message)
    {
        var entry = new NeighbourEntry
        {
            Index = MemoryMarshal.Read<int>(message.Payload[4..]),
            IsPermanent = (MemoryMarshal.Read<ushort>(message.Payload[8..]) & Rt.NUD_PERMANENT) != 0,
        };
        var attributes = message.Attributes(Rt.NeighbourBody);
        while (attributes.TryRead())
            if (attributes.Type == Rt.NDA_DST && attributes.Value.Length == 4)
                entry = entry with { Address = Ipv4Address.FromBytes(attributes.Value) };
            else if (attributes.Type == Rt.NDA_LLADDR && attributes.Value.Length == 6)
                entry = entry with { Mac = MacAddress.FromBytes(attributes.Value) };
        return entry;
    }
}
