using System.Buffers;
using System.Text;
using MasterController.Core.HostNetwork.Dedicated;
using MasterController.Core.HostNetwork.Policies;
using MasterController.Linux.Nftables;

namespace MasterController.Core.HostNetwork;

/// <summary>Our table as the kernel has it, without the elements of its sets.</summary>
/// <param name="Fingerprint">Of what is fixed, but for the marker itself: no counters, nothing of policies and source lists.</param>
/// <param name="Marker">The comment of the marker rule; null where there is none.</param>
internal sealed record FirewallListing(
    string Fingerprint,
    string? Marker,
    IReadOnlyList<EgressListing> Policies,
    IReadOnlyList<SourceListing> Sources
)
{
    /// <summary>Null where there is no table.</summary>
    internal static FirewallListing? Read(NftTable table)
    {
        var objects = table.ChainsAndSets();
        if (objects.Count == 0)
            return null;
        var rules = table.Rules().ToLookup(rule => rule.Chain.Name);
        return new FirewallListing(
            FingerprintOf(objects, rules),
            rules[FirewallRuleset.MarkerChain]
                .Select(rule => rule.Comment)
                .FirstOrDefault(comment => comment is not null),
            ReadPolicies(table, objects, rules),
            SourceListing.ReadAll(table, objects.Keys, rules)
        );
    }

    /// <param name="objects">Chains and sets with what is fixed about each.</param>
    internal static string FingerprintOf(IReadOnlyDictionary<string, byte[]> objects, ILookup<string, NftRule> rules)
    {
        var content = new ArrayBufferWriter<byte>();
        foreach (var (name, attributes) in objects.OrderBy(entry => entry.Key, StringComparer.Ordinal))
        {
            var (kind, own) = (name[..name.IndexOf(' ')], name[(name.IndexOf(' ') + 1)..]);
            if (
                own.StartsWith(EgressChain.Prefix, StringComparison.Ordinal)
                || own.StartsWith(DedicatedMaps.SourcePrefix, StringComparison.Ordinal)
            )
                continue;
            content.Write(Encoding.UTF8.GetBytes($"{name}\n"));
            content.Write(attributes);
            if (kind != "chain" || own == FirewallRuleset.MarkerChain)
                continue;
            foreach (var rule in rules[own])
                content.Write(rule.Content);
        }
        return FirewallRuleset.FingerprintOf(content.WrittenSpan);
    }

    private static List<EgressListing> ReadPolicies(
        NftTable table,
        IReadOnlyDictionary<string, byte[]> objects,
        ILookup<string, NftRule> rules
    )
    {
        var sets = objects
            .Keys.Where(name => name.StartsWith($"set {EgressChain.Prefix}", StringComparison.Ordinal))
            .Select(name => name["set ".Length..])
            .ToLookup(name => name[..Math.Max(name.LastIndexOf('_'), 0)]);
        List<EgressListing> policies = [];
        foreach (var name in objects.Keys)
            if (
                name.StartsWith("chain ", StringComparison.Ordinal)
                && name["chain ".Length..] is var chain
                && EgressChain.IdOf(chain) is { } id
            )
                policies.Add(EgressListing.Read(table, id, [.. rules[chain]], [.. sets[chain]]));
        return policies;
    }
}
