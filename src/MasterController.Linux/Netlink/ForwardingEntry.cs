using System.Runtime.InteropServices;
using MasterController.Linux.Addresses;

namespace MasterController.Linux.Netlink;

/// <summary>Where a bridge sends frames for a hardware address.</summary>
/// <param name="Index">The port.</param>
/// <param name="IsStatic">Set by somebody, and kept whatever frames say; one that was learned is forgotten in time.</param>
/// <param name="IsLocal">The address is the port's or the bridge's own.</param>
public readonly record struct ForwardingEntry(int Index, MacAddress Mac, bool IsStatic, bool IsLocal)
{
    /// <summary>Null for an entry of an interface itself, which no bridge goes by.</summary>
    internal static ForwardingEntry? Read(NetlinkMessage message)
    {
        var state = MemoryMarshal.Read<ushort>(message.Payload[8..]);
        var entry = new ForwardingEntry
        {
            Index = MemoryMarshal.Read<int>(message.Payload[4..]),
            IsStatic = (state & Rt.NUD_NOARP) != 0,
            IsLocal = (state & Rt.NUD_PERMANENT) != 0,
        };
        var isOfBridge = false;
        var attributes = message.Attributes(Rt.NeighbourBody);
        while (attributes.TryRead())
            if (attributes.Type == Rt.NDA_LLADDR && attributes.Value.Length == 6)
                entry = entry with { Mac = MacAddress.FromBytes(attributes.Value) };
            else if (attributes.Type == Rt.NDA_MASTER)
                isOfBridge = true;
        return isOfBridge ? entry : null;
    }
}
