using MasterController.Linux.Addresses;

namespace MasterController.Linux.Netlink;

public sealed partial class NetlinkBatch
{
    /// <summary><c>ip neighbour replace ADDRESS lladdr MAC dev INDEX nud permanent</c></summary>
    public void NeighbourReplace(int index, Ipv4Address address, MacAddress mac)
    {
        Span<byte> linkAddress = stackalloc byte[6];
        mac.WriteBytes(linkAddress);
        Neighbour(Rt.RTM_NEWNEIGH, Nl.Create | Nl.Replace, index, address, linkAddress);
    }

    /// <summary><c>ip neighbour delete ADDRESS dev INDEX</c></summary>
    public void NeighbourDelete(int index, Ipv4Address address) =>
        Neighbour(Rt.RTM_DELNEIGH, 0, index, address, default);

    /// <summary><c>ip neighbour get ADDRESS dev INDEX</c>; answered with one <see cref="NeighbourEntry"/>, or ENOENT.</summary>
    public void NeighbourGet(int index, Ipv4Address address)
    {
        var writer = Begin(Rt.RTM_GETNEIGH, 0);
        writer.Byte(Libc.AF_INET);
        writer.Byte(0);
        writer.UInt16(0);
        writer.UInt32((uint)index);
        writer.UInt32(0); // state, flags and type may not be asked for
        writer.NetworkOrderAttribute(Rt.NDA_DST, address.Value);
        End(writer);
    }

    private void Neighbour(ushort type, ushort flags, int index, Ipv4Address address, ReadOnlySpan<byte> linkAddress)
    {
        var writer = Begin(type, flags);
        writer.Byte(Libc.AF_INET);
        writer.Byte(0);
        writer.UInt16(0);
        writer.UInt32((uint)index);
        writer.UInt16(Rt.NUD_PERMANENT);
        writer.Byte(0);
        writer.Byte(Rt.RTN_UNICAST);
        writer.NetworkOrderAttribute(Rt.NDA_DST, address.Value);
        if (!linkAddress.IsEmpty)
            writer.Attribute(Rt.NDA_LLADDR, linkAddress);
        End(writer);
    }
}
