using MasterController.Linux.Addresses;
using MasterController.Linux.Nftables;

namespace MasterController.Core.HostNetwork.Dedicated;

/// <summary>What of an address is in the maps of dedicated addresses, found by its keys: no map is read through.</summary>
internal static class DedicatedLookUp
{
    /// <summary>More elements of a map than these are told as a number.</summary>
    private const int ElementsTold = 20;

    // An address of the host's, or one that is translated to a guest, has these whoever the guest is.
    private static readonly DedicatedMap[] _byAddress =
    [
        DedicatedMap.PublicAddresses,
        DedicatedMap.PublicGuests,
        DedicatedMap.PublicSources,
        DedicatedMap.HairpinSources,
        DedicatedMap.OpenHosts,
        DedicatedMap.OpenPings,
    ];

    /// <param name="guest">Whose it is; null where it is nobody's.</param>
    internal static IEnumerable<string> Run(NftTable table, Ipv4Address address, Attachment? guest)
    {
        var keys = _byAddress.Select(map => new DedicatedKey(map, NftData.Of(address))).ToHashSet();
        if (guest is not null)
            keys.UnionWith(DedicatedElements.Of(guest).Keys);
        foreach (var map in DedicatedMap.All)
        {
            var found = table
                .Find(map.Name, [.. keys.Where(key => key.Map == map).Select(key => key.Key)])
                .Values.OrderBy(element => element.Key)
                .ToList();
            foreach (var element in found.Take(ElementsTold))
                yield return $"element {FirewallRuleset.Table} {map.Name} {{ {map.ElementText(element.Key, element.Value)} }}";
            if (found.Count > ElementsTold)
                yield return $"element {FirewallRuleset.Table} {map.Name}: {found.Count - ElementsTold} more of this guest";
        }
    }
}
