using System.Runtime.InteropServices;
using MasterController.Linux.Addresses;

namespace MasterController.Linux.Netlink;

/// <summary>A network interface as the kernel describes it.</summary>
/// <param name="Group">0 where nobody set one.</param>
/// <param name="Kind">"tun" (which TAPs are too), "veth", "bridge", …; null for hardware and loopback.</param>
/// <param name="Master">The bridge or other interface that it is a port of; 0 where it is of none.</param>
/// <param name="Tap">There where it is a TAP.</param>
/// <param name="HasIpv6">False where IPv6 is off: on this interface (disable_ipv6) or altogether.</param>
/// <param name="Port">There where it is a port of a bridge.</param>
/// <param name="Alias">What somebody noted on it (<c>ip link set … alias</c>); null where nobody did.</param>
public readonly record struct LinkEntry(
    int Index,
    string Name,
    bool IsUp,
    MacAddress? Mac,
    uint Group,
    string? Kind,
    TapDetails? Tap,
    bool Forwarding,
    bool ProxyArp,
    byte ReversePathFilter,
    bool HasIpv6,
    int Master,
    BridgePortSettings? Port,
    string? Alias
)
{
    /// <summary>How the interface makes IPv6 addresses by itself (addr_gen_mode); 1 is not at all.</summary>
    public byte AddressGeneration { get; init; }

    /// <summary>0 never, 1 unless it forwards, 2 always (ip-sysctl, accept_ra).</summary>
    public int AcceptRa { get; init; }

    /// <summary>Whether neighbour solicitations for proxied addresses are answered (proxy_ndp).</summary>
    public bool ProxyNdp { get; init; }

    /// <summary>The value of <see cref="AddressGeneration"/> with which no address is made.</summary>
    public const byte NoAddressGeneration = Rt.IN6_ADDR_GEN_MODE_NONE;

    private const byte TapType = 2; // IFF_TAP

    internal static LinkEntry Read(NetlinkMessage message)
    {
        var entry = new LinkEntry
        {
            Index = MemoryMarshal.Read<int>(message.Payload[4..]),
            IsUp = (MemoryMarshal.Read<uint>(message.Payload[8..]) & Rt.IFF_UP) != 0,
            Name = "",
        };
        var attributes = message.Attributes(Rt.LinkBody);
        while (attributes.TryRead())
            entry = attributes.Type switch
            {
                Rt.IFLA_ADDRESS when attributes.Value.Length == 6 => entry with
                {
                    Mac = MacAddress.FromBytes(attributes.Value),
                },
                Rt.IFLA_IFNAME => entry with { Name = attributes.Text },
                Rt.IFLA_MASTER => entry with { Master = (int)attributes.UInt32 },
                Rt.IFLA_GROUP => entry with { Group = attributes.UInt32 },
                Rt.IFLA_IFALIAS => entry with { Alias = attributes.Text },
                Rt.IFLA_LINKINFO => entry.WithInfo(attributes.Nested),
                Rt.IFLA_AF_SPEC => entry.WithFamilies(attributes.Nested),
                _ => entry,
            };
        return entry;
    }

    private LinkEntry WithInfo(AttributeReader info)
    {
        string? kind = null;
        TapDetails? tap = null;
        BridgePortSettings? port = null;
        var isPort = false;
        while (info.TryRead())
        {
            if (info.Type == Rt.IFLA_INFO_KIND)
                kind = info.Value.TrimEnd((byte)0).SequenceEqual("tun"u8) ? "tun" : info.Text;
            else if (info.Type == Rt.IFLA_INFO_DATA && kind == "tun")
                tap = ReadTap(info.Nested);
            else if (info.Type == Rt.IFLA_INFO_SLAVE_KIND)
                isPort = info.Value.TrimEnd((byte)0).SequenceEqual("bridge"u8);
            else if (info.Type == Rt.IFLA_INFO_SLAVE_DATA && isPort)
                port = BridgePortSettings.Read(info.Nested);
        }
        return this with { Kind = kind, Tap = tap, Port = port };
    }

    private static TapDetails? ReadTap(AttributeReader data)
    {
        byte type = 0;
        var tap = default(TapDetails);
        while (data.TryRead())
        {
            if (data.Type == Rt.IFLA_TUN_TYPE)
                type = data.Byte;
            else if (data.Type == Rt.IFLA_TUN_OWNER)
                tap = tap with { OwnerUid = data.UInt32 };
            else if (data.Type == Rt.IFLA_TUN_VNET_HDR)
                tap = tap with { VnetHeader = data.Byte != 0 };
            else if (data.Type == Rt.IFLA_TUN_PERSIST)
                tap = tap with { Persistent = data.Byte != 0 };
        }
        return type == TapType ? tap : null;
    }

    private LinkEntry WithFamilies(AttributeReader families)
    {
        var entry = this;
        while (families.TryRead())
        {
            var settings = families.Nested;
            while (settings.TryRead())
                if (families.Type == Libc.AF_INET && settings.Type == Rt.IFLA_INET_CONF)
                    entry = entry with
                    {
                        Forwarding = Setting(settings.Value, Rt.IPV4_DEVCONF_FORWARDING) != 0,
                        ProxyArp = Setting(settings.Value, Rt.IPV4_DEVCONF_PROXY_ARP) != 0,
                        ReversePathFilter = (byte)Setting(settings.Value, Rt.IPV4_DEVCONF_RP_FILTER),
                    };
                else if (families.Type == Libc.AF_INET6 && settings.Type == Rt.IFLA_INET6_CONF)
                    entry = entry with
                    {
                        HasIpv6 = Value(settings.Value, Rt.DEVCONF_DISABLE_IPV6) == 0,
                        AcceptRa = Value(settings.Value, Rt.DEVCONF_ACCEPT_RA),
                        ProxyNdp = Value(settings.Value, Rt.DEVCONF_PROXY_NDP) != 0,
                    };
                else if (families.Type == Libc.AF_INET6 && settings.Type == Rt.IFLA_INET6_ADDR_GEN_MODE)
                    entry = entry with { AddressGeneration = settings.Byte };
        }
        return entry;
    }

    // The kernel reads settings as attributes, and writes them as an array of int that begins with number 1.
    private static int Setting(ReadOnlySpan<byte> settings, ushort number) => Value(settings, number - 1);

    private static int Value(ReadOnlySpan<byte> array, int index)
    {
        var offset = index * sizeof(int);
        return array.Length >= offset + sizeof(int) ? MemoryMarshal.Read<int>(array[offset..]) : 0;
    }
}

/// <summary>What TUNSETIFF and its relatives set on a TAP.</summary>
/// <param name="OwnerUid">Null where every user with CAP_NET_ADMIN, and no other, may open it.</param>
public readonly record struct TapDetails(uint? OwnerUid, bool VnetHeader, bool Persistent);
