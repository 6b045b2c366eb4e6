using System.Globalization;
using System.Text;
using MasterController.Linux.Addresses;

namespace MasterController.Core.HostNetwork.Policies;

/// <summary>
/// A policy as nftables has it: a chain, and a set for each of its <see cref="EgressGroup"/>s. Guests are led to it by the
/// maps <see cref="Guests"/> and <see cref="Guests6"/> and the number in them, so that a guest is one element for each
/// address and no rule.
/// </summary>
/// <param name="Id">Unique among the policies that there are; never 0.</param>
/// <param name="Refused">What guests are refused by default.</param>
internal sealed record EgressChain(uint Id, EgressPolicy Policy, IReadOnlyList<IpNetwork> Refused)
{
    /// <summary>The map from guests' addresses to numbers of policies.</summary>
    internal const string Guests = "egress";

    /// <summary>The same for guests' dedicated IPv6 addresses.</summary>
    internal const string Guests6 = "egress6";

    /// <summary>The map from numbers of policies to chains.</summary>
    internal const string Chains = "egress_policies";

    /// <summary>What names of policies' chains and sets begin with, and no others.</summary>
    internal const string Prefix = "policy_";

    internal string Name => NameOf(Id);

    /// <summary>Different for policies that make different chains.</summary>
    internal string Fingerprint => FirewallRuleset.FingerprintOf(Encoding.UTF8.GetBytes(Text(this with { Id = 0 })));

    /// <summary>One for each group that asks for networks.</summary>
    internal IReadOnlyList<string> Sets =>
        [
            .. EgressGroup
                .Of(Policy, Refused)
                .Where(group => !group.IsEverywhere)
                .Select((_, number) => $"{Name}_{number}"),
        ];

    /// <summary>The map that an address of a guest is in.</summary>
    internal static string MapOf(IpAddress guest) => guest.IsIpv6 ? Guests6 : Guests;

    internal static string NameOf(uint id) => $"{Prefix}{id:x8}";

    internal static uint? IdOf(string chain) =>
        chain.StartsWith(Prefix, StringComparison.Ordinal)
        && uint.TryParse(
            chain.AsSpan(Prefix.Length),
            NumberStyles.AllowHexSpecifier,
            CultureInfo.InvariantCulture,
            out var id
        )
            ? id
            : null;

    /// <summary>As nft writes a number of the type classid.</summary>
    internal static string NumberOf(uint id) => $"{id >> 16:x}:{id & 0xffff:x}";

    /// <summary>The number to try first for a policy that has none.</summary>
    internal static uint FirstId(string fingerprint) =>
        Math.Max(1, uint.Parse(fingerprint.AsSpan(0, 8), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture));

    /// <summary>What adds all of it, but no guest.</summary>
    internal void AppendTo(StringBuilder transaction) =>
        transaction
            .Append(Text(this))
            .Append($"add element {FirewallRuleset.Table} {Chains} {{ {NumberOf(Id)} : jump {Name} }}\n");

    private static string Text(EgressChain chain)
    {
        var (sets, rules) = (new StringBuilder(), new StringBuilder());
        var number = 0;
        foreach (var group in EgressGroup.Of(chain.Policy, chain.Refused))
        {
            rules.Append($"add rule {FirewallRuleset.Table} {chain.Name}");
            if (group.Verdict == EgressVerdict.AllowOnHost)
                rules.Append(" ip daddr @gateways");
            if (group.IsEverywhere)
                rules.Append(group.IsIpv6 ? " meta nfproto ipv6" : " meta nfproto ipv4");
            if (group.Protocol != EgressProtocol.Any)
                rules.Append($" meta l4proto {ProtocolOf(group)}");
            if (group.Ports is { } ports)
                rules.Append($" ct original proto-dst {ports}");
            if (!group.IsEverywhere)
            {
                var (type, address) = group.IsIpv6 ? ("ipv6_addr", "ip6 daddr") : ("ipv4_addr", "ip daddr");
                var set = $"{chain.Name}_{number++}";
                sets.Append($"add set {FirewallRuleset.Table} {set} {{ type {type}; flags interval; elements = {{ ")
                    .AppendJoin(", ", group.Networks.Select(NetworkSet.Text))
                    .Append(" } }\n");
                rules.Append($" ct original {address} @{set}");
            }
            rules.Append($" {VerdictOf(group.Verdict)}\n");
        }
        if (!chain.Policy.AllowsByDefault)
            rules.Append($"add rule {FirewallRuleset.Table} {chain.Name} {VerdictOf(EgressVerdict.Refuse)}\n");
        return $"add chain {FirewallRuleset.Table} {chain.Name}\n{sets}{rules}";
    }

    private static string ProtocolOf(EgressGroup group) =>
        group is { IsIpv6: true, Protocol: EgressProtocol.Icmp } ? "ipv6-icmp" : EgressRule.NameOf(group.Protocol);

    private static string VerdictOf(EgressVerdict verdict) =>
        verdict switch
        {
            EgressVerdict.Refuse => $"goto {FirewallRuleset.EgressRefused}",
            EgressVerdict.AllowOnHost => "accept",
            EgressVerdict.Open => $"goto {FirewallRuleset.EgressOpened}",
            _ => "return",
        };
}
