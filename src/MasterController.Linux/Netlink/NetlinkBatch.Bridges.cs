using MasterController.Linux.Addresses;

namespace MasterController.Linux.Netlink;

public sealed partial class NetlinkBatch
{
    /// <summary>
    /// <c>ip link add NAME address MAC group GROUP type bridge mcast_snooping 0</c>; refused with EEXIST where the name is
    /// taken. An address that is given is kept, whatever ports come and go.
    /// </summary>
    public void BridgeAdd(string name, MacAddress mac, uint group)
    {
        var writer = Begin(Rt.RTM_NEWLINK, Nl.Create | Nl.Exclusive);
        LinkBody(ref writer, 0, 0, 0);
        Span<byte> linkAddress = stackalloc byte[6];
        mac.WriteBytes(linkAddress);
        writer.Attribute(Rt.IFLA_IFNAME, name);
        writer.Attribute(Rt.IFLA_ADDRESS, linkAddress);
        writer.Attribute(Rt.IFLA_GROUP, group);
        var info = writer.BeginNested(Rt.IFLA_LINKINFO);
        writer.Attribute(Rt.IFLA_INFO_KIND, "bridge");
        var data = writer.BeginNested(Rt.IFLA_INFO_DATA);
        writer.Attribute(Rt.IFLA_BR_MCAST_SNOOPING, (byte)0);
        writer.EndNested(data);
        writer.EndNested(info);
        End(writer);
    }

    /// <summary><c>ip link set dev INDEX master BRIDGE</c>; EXFULL where the bridge has 1,023 ports.</summary>
    public void LinkMaster(int index, int bridge)
    {
        var writer = Begin(Rt.RTM_SETLINK, 0);
        LinkBody(ref writer, index, 0, 0);
        writer.Attribute(Rt.IFLA_MASTER, (uint)bridge);
        End(writer);
    }

    /// <summary><c>ip link set dev INDEX address MAC</c>; a bridge keeps it from then on.</summary>
    public void LinkAddress(int index, MacAddress mac)
    {
        var writer = Begin(Rt.RTM_SETLINK, 0);
        LinkBody(ref writer, index, 0, 0);
        Span<byte> linkAddress = stackalloc byte[6];
        mac.WriteBytes(linkAddress);
        writer.Attribute(Rt.IFLA_ADDRESS, linkAddress);
        End(writer);
    }

    /// <summary><c>ip link set dev INDEX alias ALIAS</c></summary>
    /// <param name="alias">At most 100 bytes here; the kernel takes 255.</param>
    public void LinkAlias(int index, string alias)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(alias.Length, 100, nameof(alias));
        var writer = Begin(Rt.RTM_SETLINK, 0);
        LinkBody(ref writer, index, 0, 0);
        writer.Attribute(Rt.IFLA_IFALIAS, alias);
        End(writer);
    }

    /// <summary><c>bridge link set dev INDEX isolated … learning … flood …</c></summary>
    public void BridgePort(int index, BridgePortSettings settings)
    {
        var writer = Begin(Rt.RTM_SETLINK, 0);
        LinkBody(ref writer, index, 0, 0, Libc.AF_BRIDGE);
        var port = writer.BeginNested(Rt.IFLA_PROTINFO);
        writer.Attribute(Rt.IFLA_BRPORT_LEARNING, settings.Learning ? (byte)1 : (byte)0);
        writer.Attribute(Rt.IFLA_BRPORT_UNICAST_FLOOD, settings.Flood ? (byte)1 : (byte)0);
        writer.Attribute(Rt.IFLA_BRPORT_ISOLATED, settings.Isolated ? (byte)1 : (byte)0);
        writer.EndNested(port);
        End(writer);
    }

    /// <summary><c>bridge fdb replace MAC dev INDEX master static</c></summary>
    /// <param name="index">A port.</param>
    public void ForwardingReplace(int index, MacAddress mac) =>
        Forwarding(Rt.RTM_NEWNEIGH, Nl.Create | Nl.Replace, index, mac);

    /// <summary><c>bridge fdb delete MAC dev INDEX master</c></summary>
    public void ForwardingDelete(int index, MacAddress mac) => Forwarding(Rt.RTM_DELNEIGH, 0, index, mac);

    private void Forwarding(ushort type, ushort flags, int index, MacAddress mac)
    {
        var writer = Begin(type, flags);
        writer.Byte(Libc.AF_BRIDGE);
        writer.Byte(0);
        writer.UInt16(0);
        writer.UInt32((uint)index);
        writer.UInt16(Rt.NUD_NOARP);
        writer.Byte(Rt.NTF_MASTER);
        writer.Byte(0);
        Span<byte> linkAddress = stackalloc byte[6];
        mac.WriteBytes(linkAddress);
        writer.Attribute(Rt.NDA_LLADDR, linkAddress);
        End(writer);
    }
}
