using MasterController.Linux.Nftables;

namespace MasterController.Core.HostNetwork.ForeignRules;

/// <summary>A rule of others as it is in the kernel now.</summary>
internal sealed record LiveForeignRule(ForeignRule Rule, NftChain Chain, ulong Handle)
{
    // The table that iptables makes; in others nft's own words are better.
    private static readonly string IptablesNat = "ip nat ";

    internal HostChange Removal =>
        new(
            "iptables",
            HostChangeKind.Remove,
            $"remove the rule \"{Rule.Text}\" from {Chain}",
            Rule.Place.StartsWith(IptablesNat, StringComparison.Ordinal)
                ? $"iptables -t nat -D {Rule.Text["-A ".Length..]}"
                : $"nft delete rule {Chain} handle {Handle}"
        );

    /// <summary>Looks for rules by what they are, since their handles change when they are loaded anew.</summary>
    internal static IReadOnlyList<LiveForeignRule> Find(IReadOnlyList<ForeignRule> rules)
    {
        var wanted = rules.Where(rule => rule.IsLive).ToLookup(rule => (rule.Place, rule.Content));
        if (wanted.Count == 0)
            return [];
        using var socket = NftRuleSocket.Open();
        return
        [
            .. from rule in socket.Rules()
            let match = wanted[(rule.Chain.ToString(), Convert.ToBase64String(rule.Content))].FirstOrDefault()
            where match is not null
            select new LiveForeignRule(match, rule.Chain, rule.Handle),
        ];
    }
}
