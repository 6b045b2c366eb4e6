using MasterController.Linux.Addresses;

namespace MasterController.Linux.Netlink;

public sealed partial class NetlinkBatch
{
    /// <summary><c>ip neighbour replace ADDRESS lladdr MAC dev INDEX nud permanent</c></summary>
    public void NeighbourReplace(int index, Ipv4Address address, MacAddress mac)
    {
        Span<byte> bytes = stackalloc byte[4];
        address.WriteBytes(bytes);
        NeighbourReplace(index, Libc.AF_INET, bytes, mac);
    }

    /// <inheritdoc cref="NeighbourReplace(int, Ipv4Address, MacAddress)"/>
    public void NeighbourReplace(int index, Ipv6Address address, MacAddress mac)
    {
        Span<byte> bytes = stackalloc byte[16];
        address.WriteBytes(bytes);
        NeighbourReplace(index, Libc.AF_INET6, bytes, mac);
    }

    /// <summary><c>ip neighbour delete ADDRESS dev INDEX</c></summary>
    public void NeighbourDelete(int index, Ipv4Address address)
    {
        Span<byte> bytes = stackalloc byte[4];
        address.WriteBytes(bytes);
        Neighbour(Rt.RTM_DELNEIGH, 0, Libc.AF_INET, index, Rt.NUD_PERMANENT, 0, bytes, default);
    }

    /// <inheritdoc cref="NeighbourDelete(int, Ipv4Address)"/>
    public void NeighbourDelete(int index, Ipv6Address address)
    {
        Span<byte> bytes = stackalloc byte[16];
        address.WriteBytes(bytes);
        Neighbour(Rt.RTM_DELNEIGH, 0, Libc.AF_INET6, index, Rt.NUD_PERMANENT, 0, bytes, default);
    }

    /// <summary><c>ip neighbour get ADDRESS dev INDEX</c>; answered with one <see cref="NeighbourEntry"/>, or ENOENT.</summary>
    public void NeighbourGet(int index, Ipv4Address address)
    {
        Span<byte> bytes = stackalloc byte[4];
        address.WriteBytes(bytes);
        NeighbourGet(index, Libc.AF_INET, 0, bytes);
    }

    /// <summary>The same of IPv6; answered with one <see cref="Ipv6NeighbourEntry"/>.</summary>
    public void NeighbourGet(int index, Ipv6Address address)
    {
        Span<byte> bytes = stackalloc byte[16];
        address.WriteBytes(bytes);
        NeighbourGet(index, Libc.AF_INET6, 0, bytes);
    }

    /// <summary>
    /// <c>ip neighbour replace proxy ADDRESS dev INDEX protocol PROTOCOL</c>: ARP for the address is answered there, as long
    /// as it is routed out of another interface. All of an interface's go when it goes down (pneigh_ifdown), and the kernel
    /// tells nobody of them.
    /// </summary>
    public void ProxyReplace(int index, Ipv4Address address, byte protocol)
    {
        Span<byte> bytes = stackalloc byte[4];
        address.WriteBytes(bytes);
        Neighbour(
            Rt.RTM_NEWNEIGH,
            Nl.Create | Nl.Replace,
            Libc.AF_INET,
            index,
            0,
            Rt.NTF_PROXY,
            bytes,
            default,
            protocol
        );
    }

    /// <summary>The same of IPv6: neighbour solicitations are answered where the interface has proxy_ndp=1.</summary>
    public void ProxyReplace(int index, Ipv6Address address, byte protocol)
    {
        Span<byte> bytes = stackalloc byte[16];
        address.WriteBytes(bytes);
        Neighbour(
            Rt.RTM_NEWNEIGH,
            Nl.Create | Nl.Replace,
            Libc.AF_INET6,
            index,
            0,
            Rt.NTF_PROXY,
            bytes,
            default,
            protocol
        );
    }

    /// <summary><c>ip neighbour delete proxy ADDRESS dev INDEX</c>; ENOENT where there is none.</summary>
    public void ProxyDelete(int index, Ipv4Address address)
    {
        Span<byte> bytes = stackalloc byte[4];
        address.WriteBytes(bytes);
        Neighbour(Rt.RTM_DELNEIGH, 0, Libc.AF_INET, index, 0, Rt.NTF_PROXY, bytes, default);
    }

    /// <inheritdoc cref="ProxyDelete(int, Ipv4Address)"/>
    public void ProxyDelete(int index, Ipv6Address address)
    {
        Span<byte> bytes = stackalloc byte[16];
        address.WriteBytes(bytes);
        Neighbour(Rt.RTM_DELNEIGH, 0, Libc.AF_INET6, index, 0, Rt.NTF_PROXY, bytes, default);
    }

    /// <summary><c>ip neighbour get proxy ADDRESS dev INDEX</c>; answered as <see cref="NeighbourGet(int, Ipv4Address)"/>.</summary>
    public void ProxyGet(int index, Ipv4Address address)
    {
        Span<byte> bytes = stackalloc byte[4];
        address.WriteBytes(bytes);
        NeighbourGet(index, Libc.AF_INET, Rt.NTF_PROXY, bytes);
    }

    /// <summary>The same of IPv6.</summary>
    public void ProxyGet(int index, Ipv6Address address)
    {
        Span<byte> bytes = stackalloc byte[16];
        address.WriteBytes(bytes);
        NeighbourGet(index, Libc.AF_INET6, Rt.NTF_PROXY, bytes);
    }

    private void NeighbourReplace(int index, byte family, ReadOnlySpan<byte> address, MacAddress mac)
    {
        Span<byte> linkAddress = stackalloc byte[6];
        mac.WriteBytes(linkAddress);
        Neighbour(Rt.RTM_NEWNEIGH, Nl.Create | Nl.Replace, family, index, Rt.NUD_PERMANENT, 0, address, linkAddress);
    }

    private void NeighbourGet(int index, byte family, byte flags, ReadOnlySpan<byte> address)
    {
        var writer = Begin(Rt.RTM_GETNEIGH, 0);
        // State and type may not be asked for.
        NeighbourBody(ref writer, family, index, 0, flags, 0);
        writer.Attribute(Rt.NDA_DST, address);
        End(writer);
    }

    private void Neighbour(
        ushort type,
        ushort flags,
        byte family,
        int index,
        ushort state,
        byte entryFlags,
        ReadOnlySpan<byte> address,
        ReadOnlySpan<byte> linkAddress,
        byte protocol = 0
    )
    {
        var writer = Begin(type, flags);
        NeighbourBody(ref writer, family, index, state, entryFlags, Rt.RTN_UNICAST);
        writer.Attribute(Rt.NDA_DST, address);
        if (!linkAddress.IsEmpty)
            writer.Attribute(Rt.NDA_LLADDR, linkAddress);
        if (protocol != 0)
            writer.Attribute(Rt.NDA_PROTOCOL, protocol);
        End(writer);
    }

    // struct ndmsg
    private static void NeighbourBody(
        ref NetlinkWriter writer,
        byte family,
        int index,
        ushort state,
        byte flags,
        byte type
    )
    {
        writer.Byte(family);
        writer.Byte(0);
        writer.UInt16(0);
        writer.UInt32((uint)index);
        writer.UInt16(state);
        writer.Byte(flags);
        writer.Byte(type);
    }
}
