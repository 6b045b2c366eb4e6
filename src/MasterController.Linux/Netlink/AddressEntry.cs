using System.Runtime.InteropServices;
using MasterController.Linux.Addresses;

namespace MasterController.Linux.Netlink;

/// <summary>An IPv4 address of an interface.</summary>
public readonly record struct AddressEntry(int Index, Ipv4Address Address, int PrefixLength, string Label)
{
    internal static AddressEntry Read(NetlinkMessage message)
    {
        var entry = new AddressEntry
        {
            PrefixLength = message.Payload[1],
            Index = MemoryMarshal.Read<int>(message.Payload[4..]),
            Label = "",
        };
        var attributes = message.Attributes(Rt.AddressBody);
        while (attributes.TryRead())
            entry = attributes.Type switch
            {
                Rt.IFA_LOCAL => entry with { Address = Ipv4Address.FromBytes(attributes.Value) },
                Rt.IFA_LABEL => entry with { Label = attributes.Text },
                _ => entry,
            };
        return entry;
    }
}
