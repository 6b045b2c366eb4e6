using System.Diagnostics;
using System.Runtime.InteropServices;
using MasterController.Core.HostNetwork.Policies;
using MasterController.Linux.Addresses;
using MasterController.Linux.Nftables;

namespace MasterController.Core.HostNetwork.Dedicated;

/// <summary>Where an element is. No two guests have one at the same place.</summary>
internal readonly record struct DedicatedKey(DedicatedMap Map, NftData Key)
{
    public override string ToString() => $"{Map.Name} {Map.KeyText(Key)}";
}

/// <summary>What an element leads to.</summary>
/// <param name="Value">Null in a set, and where it leads to who may come in.</param>
/// <param name="From">Who that is, none of its networks in another; null for all other elements.</param>
internal readonly record struct DedicatedTarget(NftData? Value, SourceNetworks? From)
{
    /// <summary>As the kernel has it.</summary>
    /// <param name="numberOf">Of who may come in.</param>
    internal NftData? Resolve(Func<SourceNetworks, uint> numberOf) =>
        From is null ? Value
        : From.IsEverybody ? NftData.Number(DedicatedMaps.EverybodyId)
        : NftData.Number(numberOf(From));
}

/// <summary>What the kernel has for a guest's external access: elements of maps and nothing else.</summary>
internal static class DedicatedElements
{
    internal const byte Tcp = 6; // IPPROTO_TCP, IPPROTO_UDP: linux/in.h
    internal const byte Udp = 17;

    private static readonly OpeningMaps _ofIpv4 = new(
        DedicatedMap.Open,
        DedicatedMap.OpenPings,
        DedicatedMap.OpenHosts
    );
    private static readonly OpeningMaps _ofIpv6 = new(
        DedicatedMap.Open6,
        DedicatedMap.OpenPings6,
        DedicatedMap.OpenHosts6
    );

    /// <summary>
    /// None where a guest is not reached from outside. On the bridge there is no IPv6. Without a gateway a guest cannot call
    /// itself by an address of the host's.
    /// </summary>
    internal static IReadOnlyDictionary<DedicatedKey, DedicatedTarget> Of(Attachment attachment)
    {
        var elements = new Dictionary<DedicatedKey, DedicatedTarget>();
        if (attachment.External is not { IsNone: false } external)
            return elements;
        List<Opening> open = [.. external.Open.Select(opening => opening with { From = opening.From.Outermost() })];
        if (attachment.RoutedIpv6 is { } ipv6)
            foreach (var opening in open)
                AddOpening(elements, NftData.Of(ipv6), _ofIpv6, opening);
        if (external.PublicIpv4 is { } address)
        {
            Set(elements, DedicatedMap.PublicAddresses, NftData.Of(address), null);
            Set(elements, DedicatedMap.PublicGuests, NftData.Of(address), NftData.Of(attachment.Address));
            Set(elements, DedicatedMap.PublicSources, NftData.Of(attachment.Address), NftData.Of(address));
            foreach (var opening in open)
                AddOpening(elements, NftData.Of(address), _ofIpv4, opening);
        }
        foreach (var forward in external.Forwards)
            AddForward(elements, attachment.Address, forward with { From = forward.From.Outermost() });
        if (attachment.Gateway is { } gateway && (external.PublicIpv4 is not null || external.Forwards.Count > 0))
            Set(elements, DedicatedMap.HairpinSources, NftData.Of(attachment.Address), NftData.Of(gateway));
        return elements;
    }

    /// <summary>Whether they have the same elements: what else differs is of no account here.</summary>
    internal static bool AreSame(Attachment one, Attachment other) =>
        one.Mode == other.Mode
        && one.Gateway == other.Gateway
        && (one.External ?? ExternalAccess.None).Equals(other.External ?? ExternalAccess.None);

    /// <summary>Who may come in besides everybody, each once.</summary>
    internal static IEnumerable<SourceNetworks> ListsOf(IReadOnlyDictionary<DedicatedKey, DedicatedTarget> elements) =>
        elements
            .Values.Select(target => target.From)
            .OfType<SourceNetworks>()
            .Where(list => !list.IsEverybody)
            .Distinct();

    internal static byte NumberOf(EgressProtocol protocol) =>
        protocol switch
        {
            EgressProtocol.Tcp => Tcp,
            EgressProtocol.Udp => Udp,
            _ => throw new UnreachableException($"{protocol} has no ports"),
        };

    private static void AddOpening(
        Dictionary<DedicatedKey, DedicatedTarget> elements,
        NftData address,
        OpeningMaps maps,
        Opening opening
    )
    {
        if (opening.Protocol == EgressProtocol.Any)
            AddSource(elements, maps.Hosts, address, opening.From);
        else if (opening.Protocol == EgressProtocol.Icmp)
            AddSource(elements, maps.Pings, address, opening.From);
        else
            AddPorts(elements, maps.Ports, address, opening.Protocol, opening.Ports!.Value, opening.From);
    }

    private static void AddForward(
        Dictionary<DedicatedKey, DedicatedTarget> elements,
        Ipv4Address guest,
        PortForward forward
    )
    {
        var (map, opened) = forward.HostAddress is null
            ? (DedicatedMap.Forwards, DedicatedMap.OpenForwards)
            : (DedicatedMap.AddressForwards, DedicatedMap.Open);
        var service = NftData.Protocol(NumberOf(forward.Protocol));
        if (forward.HostAddress is { } address)
            service = NftData.Of(address).With(service);
        for (int port = forward.HostPorts.First; port <= forward.HostPorts.Last; port++)
        {
            var guestPort = (ushort)(forward.GuestFirst + port - forward.HostPorts.First);
            Set(elements, map, service.WithPort((ushort)port), NftData.Of(guest).WithPort(guestPort));
        }
        AddPorts(
            elements,
            opened,
            NftData.Of(forward.HostAddress ?? guest),
            forward.Protocol,
            forward.HostPorts,
            forward.From
        );
    }

    private static void AddPorts(
        Dictionary<DedicatedKey, DedicatedTarget> elements,
        DedicatedMap map,
        NftData address,
        EgressProtocol protocol,
        PortRange ports,
        SourceNetworks from
    )
    {
        var service = address.WithProtocol(NumberOf(protocol));
        for (int port = ports.First; port <= ports.Last; port++)
            AddSource(elements, map, service.WithPort((ushort)port), from);
    }

    // What is opened twice is open to both.
    private static void AddSource(
        Dictionary<DedicatedKey, DedicatedTarget> elements,
        DedicatedMap map,
        NftData key,
        SourceNetworks from
    )
    {
        ref var target = ref CollectionsMarshal.GetValueRefOrAddDefault(elements, new(map, key), out _);
        target = new DedicatedTarget(null, target.From is { } other ? other.Union(from) : from);
    }

    private static void Set(
        Dictionary<DedicatedKey, DedicatedTarget> elements,
        DedicatedMap map,
        NftData key,
        NftData? value
    ) => elements[new(map, key)] = new(value, null);

    /// <summary>What a family's openings are in.</summary>
    private sealed record OpeningMaps(DedicatedMap Ports, DedicatedMap Pings, DedicatedMap Hosts);
}
