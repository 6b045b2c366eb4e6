using MasterController.Linux.Addresses;

namespace MasterController.Linux.Netlink;

/// <summary>What IPv4 does on one interface; null leaves a setting as it is.</summary>
/// <param name="ProxyArp">Answers ARP for what is routed elsewhere.</param>
/// <param name="ReversePathFilter">0 off, 1 strict, 2 loose (ip-sysctl, rp_filter).</param>
public readonly record struct LinkSettings(
    bool? Forwarding = null,
    bool? ProxyArp = null,
    byte? ReversePathFilter = null
);

public sealed partial class NetlinkBatch
{
    /// <summary><c>ip link show NAME</c>; answered with one <see cref="LinkEntry"/>, or refused with ENODEV.</summary>
    public void LinkGet(string name)
    {
        var writer = Begin(Rt.RTM_GETLINK, 0);
        LinkBody(ref writer, 0, 0, 0);
        writer.Attribute(Rt.IFLA_EXT_MASK, Rt.RTEXT_FILTER_SKIP_STATS);
        writer.Attribute(Rt.IFLA_IFNAME, name);
        End(writer);
    }

    /// <summary><c>ip link show</c> of the interface with this index.</summary>
    public void LinkGet(int index)
    {
        var writer = Begin(Rt.RTM_GETLINK, 0);
        LinkBody(ref writer, index, 0, 0);
        writer.Attribute(Rt.IFLA_EXT_MASK, Rt.RTEXT_FILTER_SKIP_STATS);
        End(writer);
    }

    /// <summary><c>ip link set dev INDEX up</c></summary>
    public void LinkUp(int index)
    {
        var writer = Begin(Rt.RTM_SETLINK, 0);
        LinkBody(ref writer, index, Rt.IFF_UP, Rt.IFF_UP);
        End(writer);
    }

    /// <summary><c>ip link set dev INDEX group GROUP</c></summary>
    public void LinkGroup(int index, uint group)
    {
        var writer = Begin(Rt.RTM_SETLINK, 0);
        LinkBody(ref writer, index, 0, 0);
        writer.Attribute(Rt.IFLA_GROUP, group);
        End(writer);
    }

    /// <summary>
    /// <c>ip link set dev INDEX address MAC group GROUP; sysctl -w net.ipv4.conf.NAME.{forwarding,proxy_arp,rp_filter}=…</c>
    /// as one request. Takes effect before the link is brought up only if that is a later request.
    /// </summary>
    public void LinkConfigure(int index, MacAddress mac, uint group, LinkSettings settings)
    {
        var writer = Begin(Rt.RTM_SETLINK, 0);
        LinkBody(ref writer, index, 0, 0);
        Span<byte> linkAddress = stackalloc byte[6];
        mac.WriteBytes(linkAddress);
        writer.Attribute(Rt.IFLA_ADDRESS, linkAddress);
        writer.Attribute(Rt.IFLA_GROUP, group);
        var families = writer.BeginNested(Rt.IFLA_AF_SPEC);
        var ipv4 = writer.BeginNested(Libc.AF_INET);
        var configuration = writer.BeginNested(Rt.IFLA_INET_CONF);
        if (settings.Forwarding is { } forwarding)
            writer.Attribute(Rt.IPV4_DEVCONF_FORWARDING, forwarding ? 1u : 0u);
        if (settings.ProxyArp is { } proxyArp)
            writer.Attribute(Rt.IPV4_DEVCONF_PROXY_ARP, proxyArp ? 1u : 0u);
        if (settings.ReversePathFilter is { } filter)
            writer.Attribute(Rt.IPV4_DEVCONF_RP_FILTER, (uint)filter);
        writer.EndNested(configuration);
        writer.EndNested(ipv4);
        writer.EndNested(families);
        End(writer);
    }

    /// <summary><c>ip link delete dev INDEX</c>; its routes and neighbours go with it.</summary>
    public void LinkDelete(int index)
    {
        var writer = Begin(Rt.RTM_DELLINK, 0);
        LinkBody(ref writer, index, 0, 0);
        End(writer);
    }

    /// <summary><c>ip link delete group GROUP</c>: every link of the group, for the kernel's price of one.</summary>
    public void LinkDeleteGroup(uint group)
    {
        var writer = Begin(Rt.RTM_DELLINK, 0);
        LinkBody(ref writer, 0, 0, 0);
        writer.Attribute(Rt.IFLA_GROUP, group);
        End(writer);
    }

    // struct ifinfomsg
    internal static void LinkBody(
        ref NetlinkWriter writer,
        int index,
        uint flags,
        uint change,
        byte family = Libc.AF_UNSPEC
    )
    {
        writer.Byte(family);
        writer.Byte(0);
        writer.UInt16(0);
        writer.UInt32((uint)index);
        writer.UInt32(flags);
        writer.UInt32(change);
    }
}
