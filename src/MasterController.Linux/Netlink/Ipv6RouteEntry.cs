using System.Runtime.InteropServices;
using MasterController.Linux.Addresses;

namespace MasterController.Linux.Netlink;

/// <summary>An IPv6 route.</summary>
/// <param name="Protocol">Who made it: 2 the kernel, 3 or 4 an administrator, 9 an advertisement (rt_protos).</param>
/// <param name="Type">As with <see cref="RouteEntry"/>.</param>
/// <param name="Index">The interface it leads out of; 0 where it leads to none or to several.</param>
/// <param name="Priority">1024 where nobody chose one.</param>
public readonly record struct Ipv6RouteEntry(
    Ipv6Network Destination,
    byte Protocol,
    byte Type,
    int Index,
    uint Priority,
    Ipv6Address? Gateway,
    uint Table
)
{
    /// <summary>IP6_RT_PRIO_USER: what the kernel gives a route without a metric.</summary>
    public const uint DefaultPriority = 1024;

    /// <summary>Whether it is about an address of this host's own, or anycast or multicast: none of a network's.</summary>
    public bool IsOfAddress =>
        Type is >= Rt.RTN_LOCAL and <= Rt.RTN_MULTICAST || (Destination.Address.Value >> 120) == 0xff;

    internal static Ipv6RouteEntry Read(NetlinkMessage message)
    {
        var body = message.Payload;
        var prefixLength = body[1];
        var destination = default(Ipv6Address);
        var entry = new Ipv6RouteEntry
        {
            Table = body[4],
            Protocol = body[5],
            Type = body[7],
        };
        var attributes = message.Attributes(Rt.RouteBody);
        while (attributes.TryRead())
            switch (attributes.Type)
            {
                case Rt.RTA_DST:
                    destination = Ipv6Address.FromBytes(attributes.Value);
                    break;
                case Rt.RTA_OIF:
                    entry = entry with { Index = MemoryMarshal.Read<int>(attributes.Value) };
                    break;
                case Rt.RTA_PRIORITY:
                    entry = entry with { Priority = attributes.UInt32 };
                    break;
                case Rt.RTA_TABLE:
                    entry = entry with { Table = attributes.UInt32 };
                    break;
                case Rt.RTA_GATEWAY when attributes.Value.Length == 16:
                    entry = entry with { Gateway = Ipv6Address.FromBytes(attributes.Value) };
                    break;
            }
        return entry with { Destination = Ipv6Network.Of(destination, prefixLength) };
    }
}
