using System.Runtime.InteropServices;
using MasterController.Linux.Addresses;

namespace MasterController.Linux.Netlink;

/// <summary>An IPv4 route.</summary>
/// <param name="Protocol">Who made it: 2 the kernel, 3 or 4 an administrator, others a daemon (rt_protos).</param>
/// <param name="Type">1 is unicast (rtnetlink(7), rtm_type).</param>
/// <param name="Table">254 is main, 255 local (rt_tables).</param>
/// <param name="Index">The interface it leads out of; 0 where it leads to none or to several.</param>
public readonly record struct RouteEntry(
    Ipv4Network Destination,
    byte Protocol,
    byte Scope,
    byte Type,
    int Index,
    uint Priority,
    Ipv4Address? PreferredSource,
    Ipv4Address? Gateway,
    uint Table
)
{
    public const byte Unicast = Rt.RTN_UNICAST;
    public const byte Unreachable = Rt.RTN_UNREACHABLE;
    public const uint MainTable = Rt.RT_TABLE_MAIN;

    /// <summary>Whether it is about an address of this host's own, or broadcast or multicast: none of a network's.</summary>
    public bool IsOfAddress => Type is >= Rt.RTN_LOCAL and <= Rt.RTN_MULTICAST;

    internal static RouteEntry Read(NetlinkMessage message)
    {
        var body = message.Payload;
        var prefixLength = body[1];
        var destination = default(Ipv4Address);
        var entry = new RouteEntry
        {
            Table = body[4],
            Protocol = body[5],
            Scope = body[6],
            Type = body[7],
        };
        var attributes = message.Attributes(Rt.RouteBody);
        while (attributes.TryRead())
            switch (attributes.Type)
            {
                case Rt.RTA_DST:
                    destination = Ipv4Address.FromBytes(attributes.Value);
                    break;
                case Rt.RTA_OIF:
                    entry = entry with { Index = MemoryMarshal.Read<int>(attributes.Value) };
                    break;
                case Rt.RTA_PRIORITY:
                    entry = entry with { Priority = attributes.UInt32 };
                    break;
                case Rt.RTA_PREFSRC:
                    entry = entry with { PreferredSource = Ipv4Address.FromBytes(attributes.Value) };
                    break;
                case Rt.RTA_TABLE:
                    entry = entry with { Table = attributes.UInt32 };
                    break;
                case Rt.RTA_GATEWAY:
                    entry = entry with { Gateway = Ipv4Address.FromBytes(attributes.Value) };
                    break;
            }
        return entry with { Destination = Ipv4Network.Of(destination, prefixLength) };
    }
}
