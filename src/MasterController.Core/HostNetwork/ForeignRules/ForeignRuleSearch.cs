using MasterController.Core.HostNetwork.Survey;
using MasterController.Linux.Addresses;
using MasterController.Linux.Nftables;

namespace MasterController.Core.HostNetwork.ForeignRules;

/// <summary>
/// Finds others' translation of source addresses that ours takes the place of: the one rule that a host's older setup has
/// for the network of its VMs, live and in the file that it is loaded from. What does more than that, or is for somebody
/// else, is told and left alone.
/// </summary>
/// <param name="desired">The networks that the pools are to have.</param>
/// <param name="hosts">Those of the host and of other programs.</param>
internal sealed class ForeignRuleSearch(
    IReadOnlyList<Ipv4Network> desired,
    IReadOnlyList<HostNetworkOfOthers> hosts,
    string? uplink
)
{
    private const string PostroutingOfFiles = "POSTROUTING";

    private readonly List<ForeignRule> _replaced = [];
    private readonly List<string> _notices = [];

    internal IReadOnlyList<ForeignRule> Replaced => _replaced;

    internal IReadOnlyList<string> Notices => _notices;

    internal void SearchKernel(NftRuleSocket socket)
    {
        var hooked = socket.PostroutingChains();
        foreach (var rule in socket.Rules())
            if (rule.Chain.Table != HostNetworkMarks.FirewallTable && rule.ReadSourceNat() is { } nat)
                Judge(
                    new ForeignRule(rule.Chain.ToString(), nat.Text, Convert.ToBase64String(rule.Content)),
                    nat,
                    hooked.Contains(rule.Chain)
                );
    }

    internal void SearchFile(string path)
    {
        try
        {
            foreach (var line in RulesFile.NatRules(RulesFile.Read(path) ?? ""))
                if (SourceNatLine.Read(line) is { } nat)
                    Judge(new ForeignRule(path, line, null), nat, nat.Chain == PostroutingOfFiles);
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            _notices.Add($"{path} could not be searched for rules that ours replace: {unreadable.Message}");
        }
    }

    private void Judge(ForeignRule rule, SourceNat nat, bool hooked)
    {
        if (nat.Source is not { } source || !desired.Any(source.Overlaps))
            return;
        if (Objection(nat, source, hooked) is { } objection)
            _notices.Add($"\"{rule.Text}\" ({rule.Place}) is left alone: {objection}");
        else
            _replaced.Add(rule);
    }

    private string? Objection(SourceNat nat, Ipv4Network source, bool hooked)
    {
        if (nat.Target != SourceNat.Masquerade)
            return "it gives a fixed address, which masquerading does not";
        if (!hooked)
            return $"others' rules decide what comes into its chain {nat.Chain}";
        if (!desired.Any(network => network.Contains(source)))
            return "it is for more than the pools' networks";
        if (!nat.IsWhole)
            return "it asks for more than a network and an interface";
        if (nat.NotDestination is { } spared && !desired.Any(network => network.Contains(spared)))
            return $"it spares {spared}";
        if (uplink is null)
            return "there is no uplink to masquerade to";
        if (nat.Out is { } way && !way.Matches(uplink))
            return $"it is not for the uplink {uplink}";
        if (nat.Out is { Negated: true, Name: var name } && name != HostNetworkOfOthers.OldBridge)
            return $"it belongs to {name}";
        return hosts.FirstOrDefault(host => host.IsOfAnotherProgram && host.Network.Overlaps(source)) is { } owner
            ? $"it is for {owner.Network}, {owner.What}"
            : null;
    }
}
