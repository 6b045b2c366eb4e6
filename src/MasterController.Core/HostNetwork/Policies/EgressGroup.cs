using MasterController.Linux.Addresses;

namespace MasterController.Core.HostNetwork.Policies;

internal enum EgressVerdict
{
    Refuse,
    AllowOnHost,
    Open,
    Allow,
}

/// <summary>Rules of a policy that differ in their networks alone: one rule of nftables and one set.</summary>
/// <param name="Networks">Of one family; none lies in another.</param>
internal sealed record EgressGroup(
    EgressVerdict Verdict,
    EgressProtocol Protocol,
    PortRange? Ports,
    IReadOnlyList<IpNetwork> Networks
)
{
    /// <summary>In the order in which they are to be asked; the first that matches decides.</summary>
    /// <param name="refused">What guests are refused by default.</param>
    internal static IReadOnlyList<EgressGroup> Of(EgressPolicy policy, IReadOnlyList<IpNetwork> refused) =>
        [
            .. Group(EgressVerdict.Refuse, policy.Deny),
            .. Group(EgressVerdict.AllowOnHost, policy.Allow.Where(EgressPolicy.OpensHost)),
            .. Group(EgressVerdict.Open, policy.Allow.Where(rule => EgressPolicy.Opens(rule, refused))),
            .. policy.AllowsByDefault ? [] : Group(EgressVerdict.Allow, policy.Allow),
        ];

    internal bool IsIpv6 => Networks[0].IsIpv6;

    /// <summary>Of all destinations of its family; nothing is compared with them then.</summary>
    internal bool IsEverywhere => Networks[0].PrefixLength == 0;

    internal bool Matches(IpAddress destination, EgressProtocol protocol, ushort port) =>
        Networks.Any(network => new EgressRule(network, Protocol, Ports).Matches(destination, protocol, port));

    private static IEnumerable<EgressGroup> Group(EgressVerdict verdict, IEnumerable<EgressRule> rules) =>
        rules
            .GroupBy(rule => (rule.Network.IsIpv6, rule.Protocol, rule.Ports))
            .OrderBy(group => group.Key.IsIpv6)
            .ThenBy(group => group.Key.Protocol)
            .ThenBy(group => group.Key.Ports?.First)
            .ThenBy(group => group.Key.Ports?.Last)
            .Select(group => new EgressGroup(
                verdict,
                group.Key.Protocol,
                group.Key.Ports,
                NetworkSet.Outermost(group.Select(rule => rule.Network))
            ));
}
