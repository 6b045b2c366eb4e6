using System.Globalization;
using System.Text;
using MasterController.Core.HostNetwork.Policies;
using MasterController.Linux.Addresses;

namespace MasterController.Core.HostNetwork.Dedicated;

/// <summary>
/// Who may come in, as nftables has it: a chain, and a set for each family that networks are named of. Elements of maps lead
/// to it by its number, those of all guests that let in the same.
/// </summary>
/// <param name="Id">Unique among those that there are, and greater than <see cref="DedicatedMaps.EverybodyId"/>.</param>
/// <param name="From">Not everybody; none of its networks in another.</param>
internal sealed record SourceChain(uint Id, SourceNetworks From)
{
    internal const uint LeastId = DedicatedMaps.EverybodyId + 1;

    internal string Name => NameOf(Id);

    /// <summary>Different for those that make different chains.</summary>
    internal string Fingerprint => FirewallRuleset.FingerprintOf(Encoding.UTF8.GetBytes(Text(this with { Id = 0 })));

    internal IReadOnlyList<string> Sets =>
        [.. Families(this).Where(family => !family.IsWhole).Select(family => family.Set)];

    internal static string NameOf(uint id) => $"{DedicatedMaps.SourcePrefix}{id:x8}";

    internal static uint? IdOf(string chain) =>
        chain.StartsWith(DedicatedMaps.SourcePrefix, StringComparison.Ordinal)
        && uint.TryParse(
            chain.AsSpan(DedicatedMaps.SourcePrefix.Length),
            NumberStyles.AllowHexSpecifier,
            CultureInfo.InvariantCulture,
            out var id
        )
        && NameOf(id) == chain
            ? id
            : null;

    /// <summary>One that has no number yet gets one that nobody has.</summary>
    /// <param name="takes">Takes a number; false where somebody has it.</param>
    internal static SourceChain Number(SourceNetworks from, Func<uint, bool> takes)
    {
        var chain = new SourceChain(0, from);
        var id = Math.Max(LeastId, EgressChain.FirstId(chain.Fingerprint));
        while (!takes(id))
            id = id == uint.MaxValue ? LeastId : id + 1;
        return chain with { Id = id };
    }

    /// <summary>What adds all of it; nothing leads to it before elements of guests do.</summary>
    internal void AppendTo(StringBuilder transaction) =>
        transaction
            .Append(Text(this))
            .Append(
                $"add element {FirewallRuleset.Table} {DedicatedMaps.Sources} {{ {EgressChain.NumberOf(Id)} : jump {Name} }}\n"
            );

    private static string Text(SourceChain chain)
    {
        var (sets, rules) = (new StringBuilder(), new StringBuilder());
        foreach (var family in Families(chain))
        {
            rules.Append($"add rule {FirewallRuleset.Table} {chain.Name} ");
            if (family.IsWhole)
                rules.Append($"meta nfproto {family.Name}");
            else
            {
                rules.Append($"ct original {family.Prefix} saddr @{family.Set}");
                sets.Append(
                        $"add set {FirewallRuleset.Table} {family.Set} {{ type {family.Name}_addr; flags interval; elements = {{ "
                    )
                    .AppendJoin(", ", family.Networks.Select(NetworkSet.Text))
                    .Append(" } }\n");
            }
            rules.Append($" goto {DedicatedMaps.Accepted}\n");
        }
        return $"add chain {FirewallRuleset.Table} {chain.Name}\n{sets}{rules}";
    }

    private static IEnumerable<Family> Families(SourceChain chain)
    {
        if (chain.From.Ipv4.Count > 0)
            yield return new("ipv4", "ip", $"{chain.Name}_4", [.. chain.From.Ipv4.Select(n => (IpNetwork)n)]);
        if (chain.From.Ipv6.Count > 0)
            yield return new("ipv6", "ip6", $"{chain.Name}_6", [.. chain.From.Ipv6.Select(n => (IpNetwork)n)]);
    }

    private sealed record Family(string Name, string Prefix, string Set, IReadOnlyList<IpNetwork> Networks)
    {
        /// <summary>Nothing is compared with its set then.</summary>
        internal bool IsWhole => Networks[0].PrefixLength == 0;
    }
}
