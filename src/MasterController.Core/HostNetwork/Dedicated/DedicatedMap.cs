using System.Globalization;
using MasterController.Core.HostNetwork.Policies;
using MasterController.Linux.Nftables;

namespace MasterController.Core.HostNetwork.Dedicated;

/// <summary>One of <see cref="DedicatedMaps"/> that has elements for single guests: what its keys and values are made of.</summary>
internal sealed class DedicatedMap
{
    internal static readonly DedicatedMap Forwards = new(DedicatedMaps.Forwards, Service, Ipv4AndPort);
    internal static readonly DedicatedMap AddressForwards = new(
        DedicatedMaps.AddressForwards,
        Ipv4AndService,
        Ipv4AndPort
    );
    internal static readonly DedicatedMap PublicGuests = new(DedicatedMaps.PublicGuests, Ipv4, Ipv4);
    internal static readonly DedicatedMap PublicSources = new(DedicatedMaps.PublicSources, Ipv4, Ipv4);
    internal static readonly DedicatedMap PublicAddresses = new(DedicatedMaps.PublicAddresses, Ipv4, []);
    internal static readonly DedicatedMap HairpinSources = new(DedicatedMaps.HairpinSources, Ipv4, Ipv4);
    internal static readonly DedicatedMap Open = new(DedicatedMaps.Open, Ipv4AndService, Number);
    internal static readonly DedicatedMap Open6 = new(DedicatedMaps.Open6, [Field.Ipv6, .. Service], Number);
    internal static readonly DedicatedMap OpenPings = new(DedicatedMaps.OpenPings, Ipv4, Number);
    internal static readonly DedicatedMap OpenPings6 = new(DedicatedMaps.OpenPings6, [Field.Ipv6], Number);
    internal static readonly DedicatedMap OpenHosts = new(DedicatedMaps.OpenHosts, Ipv4, Number);
    internal static readonly DedicatedMap OpenHosts6 = new(DedicatedMaps.OpenHosts6, [Field.Ipv6], Number);
    internal static readonly DedicatedMap OpenForwards = new(DedicatedMaps.OpenForwards, Ipv4AndService, Number);

    /// <summary>In the order in which they are filled: who may come in is known before anything leads to a guest.</summary>
    internal static IReadOnlyList<DedicatedMap> All { get; } =
    [
        PublicAddresses,
        Open,
        Open6,
        OpenPings,
        OpenPings6,
        OpenHosts,
        OpenHosts6,
        OpenForwards,
        HairpinSources,
        PublicSources,
        PublicGuests,
        AddressForwards,
        Forwards,
    ];

    private static Field[] Ipv4 => [Field.Ipv4];
    private static Field[] Service => [Field.Protocol, Field.Port];
    private static Field[] Ipv4AndPort => [Field.Ipv4, Field.Port];
    private static Field[] Ipv4AndService => [Field.Ipv4, Field.Protocol, Field.Port];
    private static Field[] Number => [Field.Number];

    private readonly Field[] _key;
    private readonly Field[] _value;

    private DedicatedMap(string name, Field[] key, Field[] value) => (Name, _key, _value) = (name, key, value);

    private enum Field
    {
        Ipv4,
        Ipv6,
        Protocol,
        Port,
        Number,
    }

    internal string Name { get; }

    /// <summary>As nft writes a key: "203.0.113.33 . tcp . 22".</summary>
    internal string KeyText(NftData key) => Text(_key, key);

    /// <summary>As nft writes an element: "tcp . 8080 : 192.168.100.2 . 80".</summary>
    internal string ElementText(NftData key, NftData? value) =>
        value is { } data && _value.Length > 0 ? $"{KeyText(key)} : {Text(_value, data)}" : KeyText(key);

    private static string Text(Field[] fields, NftData data)
    {
        var texts = new string[fields.Length];
        var offset = 0;
        for (var i = 0; i < fields.Length; i++)
        {
            texts[i] = fields[i] switch
            {
                Field.Ipv4 => data.Ipv4At(offset).ToString(),
                Field.Ipv6 => data.Ipv6At(offset).ToString(),
                Field.Protocol => ProtocolText(data.ProtocolAt(offset)),
                Field.Port => data.PortAt(offset).ToString(CultureInfo.InvariantCulture),
                _ => EgressChain.NumberOf(data.AsNumber),
            };
            offset += fields[i] == Field.Ipv6 ? 16 : 4;
        }
        return string.Join(" . ", texts);
    }

    private static string ProtocolText(byte protocol) =>
        protocol switch
        {
            DedicatedElements.Tcp => "tcp",
            DedicatedElements.Udp => "udp",
            _ => protocol.ToString(CultureInfo.InvariantCulture),
        };
}
