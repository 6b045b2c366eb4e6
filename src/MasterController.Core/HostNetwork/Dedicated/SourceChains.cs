using System.Text;

namespace MasterController.Core.HostNetwork.Dedicated;

/// <summary>Numbers for who may come in, and what makes and removes the chains of those.</summary>
internal static class SourceChains
{
    /// <summary>A chain for each list, under the number that it has in the kernel where it is there.</summary>
    internal static Dictionary<SourceNetworks, SourceChain> Name(
        IEnumerable<SourceNetworks> lists,
        IReadOnlyList<SourceListing> present
    )
    {
        var known = present
            .Where(listing => listing.From is not null && listing.Id >= SourceChain.LeastId)
            .DistinctBy(listing => listing.From)
            .ToDictionary(listing => listing.From!, listing => listing.Id);
        var taken = known.Values.ToHashSet();
        var chains = new Dictionary<SourceNetworks, SourceChain>();
        foreach (var list in lists)
            if (!chains.ContainsKey(list))
                chains[list] = known.TryGetValue(new SourceChain(0, list).Fingerprint, out var id)
                    ? new SourceChain(id, list)
                    : SourceChain.Number(list, taken.Add);
        return chains;
    }

    /// <summary>What removes a chain that no guest's element leads to.</summary>
    internal static void AppendRemoval(
        StringBuilder transaction,
        uint id,
        IReadOnlyList<string> sets,
        bool isLedTo = true
    )
    {
        if (isLedTo)
            transaction.Append(
                $"delete element {FirewallRuleset.Table} {DedicatedMaps.Sources} {{ {Policies.EgressChain.NumberOf(id)} }}\n"
            );
        AppendEmptying(transaction, SourceChain.NameOf(id), sets);
        transaction.Append($"delete chain {FirewallRuleset.Table} {SourceChain.NameOf(id)}\n");
    }

    internal static void AppendEmptying(StringBuilder transaction, string chain, IReadOnlyList<string> sets)
    {
        transaction.Append($"flush chain {FirewallRuleset.Table} {chain}\n");
        foreach (var set in sets)
            transaction.Append($"delete set {FirewallRuleset.Table} {set}\n");
    }
}
