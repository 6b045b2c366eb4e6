using System.Buffers;
using System.Runtime.InteropServices;
using System.Text;
using MasterController.Linux.Nftables;

namespace MasterController.Core.HostNetwork.Policies;

/// <summary>
/// A policy's chain as the kernel has it. Its last rule, which no packet reaches, says which policy it was made of and what
/// the kernel made of that, so that a foreign change is found.
/// </summary>
/// <param name="Policy">The fingerprint of what it was made of; null where it has no such rule.</param>
/// <param name="IsWhole">Whether it is still as it was made.</param>
internal sealed record EgressListing(uint Id, string? Policy, bool IsWhole, IReadOnlyList<string> Sets)
{
    /// <param name="rules">Of this chain.</param>
    /// <param name="sets">The names of its sets.</param>
    internal static EgressListing Read(
        NftTable table,
        uint id,
        IReadOnlyList<NftRule> rules,
        IReadOnlyList<string> sets
    )
    {
        var marker = rules.Count > 0 ? rules[^1].Comment : null;
        return marker?.Split(' ') is ["policy", var policy, "listed", var listed]
            ? new EgressListing(id, policy, listed == FingerprintOf(table, rules.SkipLast(1), sets), sets)
            : new EgressListing(id, null, false, sets);
    }

    /// <summary>Marks chains that have just been made.</summary>
    internal static StringBuilder AppendMarks(StringBuilder transaction, NftTable table, IEnumerable<EgressChain> made)
    {
        foreach (var chain in made)
            transaction.Append(
                $"add rule {FirewallRuleset.Table} {chain.Name} return comment "
                    + $"\"policy {chain.Fingerprint} listed {FingerprintOf(table, table.Rules(chain.Name), chain.Sets)}\"\n"
            );
        return transaction;
    }

    // Sets are named by the rules that look into them.
    internal static string FingerprintOf(NftTable table, IEnumerable<NftRule> rules, IEnumerable<string> sets)
    {
        var content = new ArrayBufferWriter<byte>();
        foreach (var rule in rules)
            content.Write(rule.Content);
        foreach (var set in sets)
        foreach (var element in table.Elements(set).OrderBy(e => e.Key).ThenBy(e => e.Flags))
        {
            var bytes = content.GetSpan(NftData.MostBytes);
            element.Key.WriteBytes(bytes);
            content.Advance(element.Key.Length);
            content.Write(MemoryMarshal.AsBytes<uint>([element.Flags]));
        }
        return FirewallRuleset.FingerprintOf(content.WrittenSpan);
    }
}
