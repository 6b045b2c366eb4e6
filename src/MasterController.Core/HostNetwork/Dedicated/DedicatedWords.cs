using System.Text;
using MasterController.Linux.Addresses;

namespace MasterController.Core.HostNetwork.Dedicated;

/// <summary>
/// What a change of one guest's external access changes in nftables, as a person would type it: worked out from both, without
/// a look at the kernel.
/// </summary>
internal static class DedicatedWords
{
    /// <summary>Removals first, as in the transaction.</summary>
    /// <param name="before">Null for one that is not attached.</param>
    internal static IReadOnlyList<HostChange> Of(Attachment? before, Attachment? after)
    {
        var (had, has) = (ElementsOf(before), ElementsOf(after));
        var guest = (after ?? before)?.Address;
        var chains = SourceChains.Name(DedicatedElements.ListsOf(had).Concat(DedicatedElements.ListsOf(has)), []);
        var changes = new List<HostChange>();
        foreach (var list in DedicatedElements.ListsOf(has).Except(DedicatedElements.ListsOf(had)))
            changes.Add(Made(chains[list], guest));
        foreach (var map in DedicatedMap.All)
            DedicatedChanges.Tell(changes, HostChangeKind.Remove, map, [.. Told(map, had, has)]);
        foreach (var map in DedicatedMap.All)
            DedicatedChanges.Tell(changes, HostChangeKind.Add, map, [.. Told(map, has, had)]);
        return changes;

        IEnumerable<DedicatedChanges.Told> Told(
            DedicatedMap map,
            IReadOnlyDictionary<DedicatedKey, DedicatedTarget> of,
            IReadOnlyDictionary<DedicatedKey, DedicatedTarget> without
        ) =>
            from element in of
            where element.Key.Map == map
            where !without.TryGetValue(element.Key, out var other) || other != element.Value
            select new DedicatedChanges.Told(
                guest,
                map.KeyText(element.Key.Key),
                map.ElementText(element.Key.Key, element.Value.Resolve(list => chains[list].Id))
            );
    }

    private static IReadOnlyDictionary<DedicatedKey, DedicatedTarget> ElementsOf(Attachment? attachment) =>
        attachment is null ? new Dictionary<DedicatedKey, DedicatedTarget>() : DedicatedElements.Of(attachment);

    // Another guest may use it already; whoever types it then is told that it is there.
    private static HostChange Made(SourceChain chain, Ipv4Address? guest)
    {
        var commands = new StringBuilder();
        chain.AppendTo(commands);
        return new(
            "nftables",
            HostChangeKind.Add,
            $"make the source chain {chain.Name} for {chain.From} where it is not there",
            $"nft '{commands.ToString().TrimEnd('\n').Replace("\n", "; ", StringComparison.Ordinal)}'"
        )
        {
            Guest = guest,
        };
    }
}
