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
        var route = new RouteRequest(Libc.AF_INET, destination.PrefixLength, index, protocol);
        Route(Rt.RTM_NEWROUTE, Nl.Create | Nl.Replace, route, address, source is null ? default : preferred);
    }

    /// <summary><c>ip -6 route replace DESTINATION dev INDEX proto PROTOCOL</c>, with the kernel's metric of 1024.</summary>
    public void RouteReplace(Ipv6Network destination, int index, byte protocol)
    {
        Span<byte> address = stackalloc byte[16];
        destination.Address.WriteBytes(address);
        var route = new RouteRequest(Libc.AF_INET6, destination.PrefixLength, index, protocol);
        Route(Rt.RTM_NEWROUTE, Nl.Create | Nl.Replace, route, address, default);
    }

    /// <summary><c>ip route delete DESTINATION dev INDEX proto PROTOCOL</c>; ESRCH where there is none.</summary>
    public void RouteDelete(Ipv4Network destination, int index, byte protocol)
    {
        Span<byte> address = stackalloc byte[4];
        destination.Address.WriteBytes(address);
        var route = new RouteRequest(Libc.AF_INET, destination.PrefixLength, index, protocol);
        Route(Rt.RTM_DELROUTE, 0, route, address, default);
    }

    /// <inheritdoc cref="RouteDelete(Ipv4Network, int, byte)"/>
    public void RouteDelete(Ipv6Network destination, int index, byte protocol)
    {
        Span<byte> address = stackalloc byte[16];
        destination.Address.WriteBytes(address);
        var route = new RouteRequest(Libc.AF_INET6, destination.PrefixLength, index, protocol);
        Route(Rt.RTM_DELROUTE, 0, route, address, default);
    }

    /// <summary>
    /// <c>ip route replace unreachable DESTINATION metric METRIC proto PROTOCOL</c>: what no better route leads to is answered
    /// with an error in place of being sent on.
    /// </summary>
    public void UnreachableReplace(Ipv4Network destination, uint metric, byte protocol) =>
        Unreachable(Rt.RTM_NEWROUTE, Nl.Create | Nl.Replace, destination, metric, protocol);

    /// <inheritdoc cref="UnreachableReplace(Ipv4Network, uint, byte)"/>
    public void UnreachableReplace(Ipv6Network destination, uint metric, byte protocol) =>
        Unreachable(Rt.RTM_NEWROUTE, Nl.Create | Nl.Replace, destination, metric, protocol);

    /// <summary><c>ip route delete unreachable DESTINATION metric METRIC proto PROTOCOL</c>; ESRCH where there is none.</summary>
    public void UnreachableDelete(Ipv4Network destination, uint metric, byte protocol) =>
        Unreachable(Rt.RTM_DELROUTE, 0, destination, metric, protocol);

    /// <inheritdoc cref="UnreachableDelete(Ipv4Network, uint, byte)"/>
    public void UnreachableDelete(Ipv6Network destination, uint metric, byte protocol) =>
        Unreachable(Rt.RTM_DELROUTE, 0, destination, metric, protocol);

    /// <summary><c>ip route get DESTINATION</c>; answered with one <see cref="RouteEntry"/>, or refused with ENETUNREACH.</summary>
    public void RouteGet(Ipv4Address destination) => RouteGet(destination, 0);

    /// <summary><c>ip route get DESTINATION fibmatch</c>: the table's own entry, not what it comes to.</summary>
    public void RouteMatch(Ipv4Address destination) =>
        RouteGet(destination, Rt.RTM_F_FIB_MATCH | Rt.RTM_F_LOOKUP_TABLE);

    /// <summary>
    /// <c>ip -6 route get DESTINATION [oif INDEX] fibmatch</c>; answered with one <see cref="Ipv6RouteEntry"/>, or refused with
    /// ENETUNREACH or what the route itself answers (EHOSTUNREACH).
    /// </summary>
    /// <param name="index">0 where any interface will do; link-local addresses need one.</param>
    public void RouteMatch(Ipv6Address destination, int index = 0)
    {
        Span<byte> address = stackalloc byte[16];
        destination.WriteBytes(address);
        var writer = Begin(Rt.RTM_GETROUTE, 0);
        writer.Byte(Libc.AF_INET6);
        writer.Byte(128);
        writer.UInt16(0);
        writer.UInt32(0);
        // Its own strict check allows no other flag (inet6_rtm_valid_getroute_req).
        writer.UInt32(Rt.RTM_F_FIB_MATCH);
        writer.Attribute(Rt.RTA_DST, address);
        if (index != 0)
            writer.Attribute(Rt.RTA_OIF, (uint)index);
        End(writer);
    }

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

    private void Unreachable(ushort type, ushort flags, Ipv4Network destination, uint metric, byte protocol)
    {
        Span<byte> address = stackalloc byte[4];
        destination.Address.WriteBytes(address);
        var route = new RouteRequest(Libc.AF_INET, destination.PrefixLength, 0, protocol) { Metric = metric };
        Route(type, flags, route, address, default);
    }

    private void Unreachable(ushort type, ushort flags, Ipv6Network destination, uint metric, byte protocol)
    {
        Span<byte> address = stackalloc byte[16];
        destination.Address.WriteBytes(address);
        var route = new RouteRequest(Libc.AF_INET6, destination.PrefixLength, 0, protocol) { Metric = metric };
        Route(type, flags, route, address, default);
    }

    private void Route(
        ushort type,
        ushort flags,
        RouteRequest route,
        scoped ReadOnlySpan<byte> destination,
        scoped ReadOnlySpan<byte> preferredSource
    )
    {
        var isUnreachable = route.Index == 0;
        var writer = Begin(type, flags);
        writer.Byte(route.Family);
        writer.Byte((byte)route.PrefixLength);
        writer.Byte(0);
        writer.Byte(0);
        writer.Byte(Rt.RT_TABLE_MAIN);
        writer.Byte(route.Protocol);
        // IPv6 has no scopes; an unreachable network is on no link.
        writer.Byte(isUnreachable || route.Family == Libc.AF_INET6 ? Rt.RT_SCOPE_UNIVERSE : Rt.RT_SCOPE_LINK);
        writer.Byte(isUnreachable ? Rt.RTN_UNREACHABLE : Rt.RTN_UNICAST);
        writer.UInt32(0);
        writer.Attribute(Rt.RTA_DST, destination);
        if (!isUnreachable)
            writer.Attribute(Rt.RTA_OIF, (uint)route.Index);
        if (route.Metric != 0)
            writer.Attribute(Rt.RTA_PRIORITY, route.Metric);
        if (!preferredSource.IsEmpty)
            writer.Attribute(Rt.RTA_PREFSRC, preferredSource);
        End(writer);
    }

    /// <param name="Index">0 for a route that leads nowhere.</param>
    private readonly record struct RouteRequest(byte Family, int PrefixLength, int Index, byte Protocol)
    {
        /// <summary>0 leaves it to the kernel.</summary>
        internal uint Metric { get; init; }
    }
}
