using System.Runtime.InteropServices;
using MasterController.Linux.Addresses;

namespace MasterController.Linux.Netlink;

/// <summary>An IPv6 address of an interface.</summary>
/// <param name="MakesRoute">Whether the kernel makes a route for its prefix (not "noprefixroute").</param>
public readonly record struct Ipv6AddressEntry(int Index, Ipv6Address Address, int PrefixLength, bool MakesRoute)
{
    internal static Ipv6AddressEntry Read(NetlinkMessage message)
    {
        var entry = new Ipv6AddressEntry
        {
            PrefixLength = message.Payload[1],
            Index = MemoryMarshal.Read<int>(message.Payload[4..]),
            MakesRoute = true,
        };
        var attributes = message.Attributes(Rt.AddressBody);
        while (attributes.TryRead())
            entry = attributes.Type switch
            {
                // With a peer's address IFA_ADDRESS is the peer's, and IFA_LOCAL, which is only there then, our own.
                Rt.IFA_LOCAL when attributes.Value.Length == 16 => entry with
                {
                    Address = Ipv6Address.FromBytes(attributes.Value),
                },
                Rt.IFA_ADDRESS when attributes.Value.Length == 16 && entry.Address == default => entry with
                {
                    Address = Ipv6Address.FromBytes(attributes.Value),
                },
                Rt.IFA_FLAGS => entry with { MakesRoute = (attributes.UInt32 & Rt.IFA_F_NOPREFIXROUTE) == 0 },
                _ => entry,
            };
        return entry;
    }
}
