using System.Text;
using MasterController.Core.HostNetwork.Policies;
using MasterController.Linux.Nftables;

namespace MasterController.Core.HostNetwork.Dedicated;

/// <summary>
/// A source list's chain as the kernel has it. Its last rule, which no packet gains anything by, says what it was made of
/// and what the kernel made of that, as with <see cref="EgressListing"/>.
/// </summary>
/// <param name="From">The fingerprint of what it was made of; null where it has no such rule.</param>
/// <param name="IsWhole">Whether it is still as it was made.</param>
/// <param name="Sets">All that have its name, whether its rules look into them or not.</param>
internal sealed record SourceListing(uint Id, string? From, bool IsWhole, IReadOnlyList<string> Sets)
{
    /// <param name="objects">The table's chains and sets.</param>
    internal static IReadOnlyList<SourceListing> ReadAll(
        NftTable table,
        IEnumerable<string> objects,
        ILookup<string, NftRule> rules
    )
    {
        var (chains, sets) = (new List<uint>(), new List<string>());
        foreach (var name in objects)
            if (name.Split(' ') is ["chain", var chain] && SourceChain.IdOf(chain) is { } id)
                chains.Add(id);
            else if (
                name.Split(' ') is ["set", var set]
                && set.StartsWith(DedicatedMaps.SourcePrefix, StringComparison.Ordinal)
            )
                sets.Add(set);
        var setsOf = sets.ToLookup(set => set[..set.LastIndexOf('_')]);
        return
        [
            .. chains.Select(id =>
            {
                var name = SourceChain.NameOf(id);
                return Read(table, id, [.. rules[name]], [.. setsOf[name]]);
            }),
        ];
    }

    /// <summary>Marks chains that have just been made.</summary>
    internal static StringBuilder AppendMarks(StringBuilder transaction, NftTable table, IEnumerable<SourceChain> made)
    {
        foreach (var chain in made)
            transaction.Append(
                $"add rule {FirewallRuleset.Table} {chain.Name} return comment "
                    + $"\"sources {chain.Fingerprint} listed "
                    + $"{EgressListing.FingerprintOf(table, table.Rules(chain.Name), chain.Sets)}\"\n"
            );
        return transaction;
    }

    private static SourceListing Read(NftTable table, uint id, IReadOnlyList<NftRule> rules, IReadOnlyList<string> sets)
    {
        var marker = rules.Count > 0 ? rules[^1].Comment : null;
        return marker?.Split(' ') is ["sources", var from, "listed", var listed]
            ? new(id, from, listed == EgressListing.FingerprintOf(table, rules.SkipLast(1), sets), sets)
            : new(id, null, false, sets);
    }
}
