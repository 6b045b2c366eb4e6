using MasterController.Linux.Addresses;

namespace MasterController.Linux.Netlink;

public sealed partial class NetlinkBatch
{
    /// <summary>
    /// <c>ip route replace DESTINATION dev INDEX src SOURCE proto PROTOCOL scope link</c>. Without a preferred source the
    /// kernel looks for one on every interface there is, which takes milliseconds where there are tens of thousands.
    /// </summary>
    /// <param name="source">An address of this host; the kernel refuses any other with EINVAL.</param>
    public void RouteReplace(Ipv4Network destination, int index, Ipv4Address? source, byte protocol)
    {
        Span<byte> address = stackalloc byte[4];
        destination.Address.WriteBytes(address);
        Span<byte> preferred = stackalloc byte[4];
        source?.WriteBytes(preferred);
        Route(
            Rt.RTM_NEWROUTE,
            Nl.Create | Nl.Replace,
            Libc.AF_INET,
            address,
            destination.PrefixLength,
            index,
            source is null ? default : preferred,
            protocol
        );
    }

    /// <summary><c>ip route delete DESTINATION dev INDEX proto PROTOCOL</c>; ESRCH where there is none.</summary>
    public void RouteDelete(Ipv4Network destination, int index, byte protocol)
    {
        Span<byte> address = stackalloc byte[4];
        destination.Address.WriteBytes(address);
        Route(Rt.RTM_DELROUTE, 0, Libc.AF_INET, address, destination.PrefixLength, index, default, protocol);
    }

    /// <summary><c>ip route get DESTINATION</c>; answered with one <see cref="RouteEntry"/>, or refused with ENETUNREACH.</summary>
    public void RouteGet(Ipv4Address destination) => RouteGet(destination, 0);

    /// <summary><c>ip route get DESTINATION fibmatch</c>: the table's own entry, not what it comes to.</summary>
    public void RouteMatch(Ipv4Address destination) =>
        RouteGet(destination, Rt.RTM_F_FIB_MATCH | Rt.RTM_F_LOOKUP_TABLE);

    private void RouteGet(Ipv4Address destination, uint flags)
    {
        var writer = Begin(Rt.RTM_GETROUTE, 0);
        writer.Byte(Libc.AF_INET);
        writer.Byte(32);
        writer.UInt16(0);
        writer.UInt32(0);
        writer.UInt32(flags);
        writer.NetworkOrderAttribute(Rt.RTA_DST, destination.Value);
        End(writer);
    }

    private void Route(
        ushort type,
        ushort flags,
        byte family,
        scoped ReadOnlySpan<byte> destination,
        int prefixLength,
        int index,
        scoped ReadOnlySpan<byte> preferredSource,
        byte protocol
    )
    {
        var writer = Begin(type, flags);
        writer.Byte(family);
        writer.Byte((byte)prefixLength);
        writer.Byte(0);
        writer.Byte(0);
        writer.Byte(Rt.RT_TABLE_MAIN);
        writer.Byte(protocol);
        writer.Byte(Rt.RT_SCOPE_LINK);
        writer.Byte(Rt.RTN_UNICAST);
        writer.UInt32(0);
        writer.Attribute(Rt.RTA_DST, destination);
        writer.Attribute(Rt.RTA_OIF, (uint)index);
        if (!preferredSource.IsEmpty)
            writer.Attribute(Rt.RTA_PREFSRC, preferredSource);
        End(writer);
    }
}
