using System.Text;
using CsCheck;
using MasterController.Core.HostNetwork;
using MasterController.Core.HostNetwork.Policies;
using MasterController.Linux.Addresses;
using Xunit;

namespace MasterController.Tests.HostNetwork.Policies;

public sealed class EgressPolicyTests
{
    private static readonly IReadOnlyList<Ipv4Network> Refused = HostNetworkOptions.DefaultRefusedNetworks;

    // Few networks and ports, so that rules meet each other and the packets.
    private static readonly Gen<EgressRule> Rules =
        from network in OneOf(
            "0.0.0.0/0",
            "10.0.0.0/8",
            "10.1.0.0/16",
            "10.1.2.3/32",
            "169.254.0.0/16",
            "169.254.169.254/32",
            "192.168.100.1/32"
        )
        from protocol in Gen.Enum<EgressProtocol>()
        from first in Gen.UShort[1, 4]
        from length in Gen.UShort[0, 2]
        from hasPorts in Gen.Bool
        select new EgressRule(
            Ipv4Network.Parse(network),
            protocol,
            hasPorts && protocol is EgressProtocol.Tcp or EgressProtocol.Udp
                ? new PortRange(first, (ushort)(first + length))
                : null
        );

    private static readonly Gen<EgressPolicy> Policies =
        from allows in Gen.Bool
        from allow in Rules.List[0, 6]
        from deny in Rules.List[0, 6]
        select new EgressPolicy(allows, allow, deny);

    private static readonly Gen<(Ipv4Address To, EgressProtocol Protocol, ushort Port)> Packets =
        from to in OneOf("8.8.8.8", "10.1.2.3", "10.1.9.9", "10.9.9.9", "169.254.169.254", "169.254.1.1")
        from protocol in OneOf(EgressProtocol.Tcp, EgressProtocol.Udp, EgressProtocol.Icmp)
        from port in Gen.UShort[1, 7]
        select (Ipv4Address.Parse(to), protocol, port);

    [Fact]
    public void The_groups_decide_as_the_rules_say() =>
        Gen.Select(Policies, Packets).Sample((policy, packet) => Decide(policy, packet) == Expected(policy, packet));

    [Fact]
    public void On_the_host_only_named_ports_are_open() =>
        Gen.Select(Policies, Packets)
            .Sample(
                (policy, packet) =>
                {
                    var gateway = Ipv4Address.Parse("192.168.100.1");
                    var expected =
                        !policy.Deny.Any(rule => rule.Matches(gateway, packet.Protocol, packet.Port))
                        && policy.Allow.Any(rule =>
                            rule is { Network.PrefixLength: 32, Ports: not null }
                            && rule.Matches(gateway, packet.Protocol, packet.Port)
                        );
                    return DecideOnHost(policy, (gateway, packet.Protocol, packet.Port)) == expected;
                }
            );

    [Fact]
    public void Policies_with_the_same_rules_in_any_order_are_equal_and_make_the_same_chain() =>
        Policies.Sample(policy =>
        {
            var other = policy with { Allow = [.. policy.Allow.Reverse()], Deny = [.. policy.Deny, .. policy.Deny] };
            return other == policy
                && other.GetHashCode() == policy.GetHashCode()
                && new EgressChain(1, other, Refused).Fingerprint == new EgressChain(1, policy, Refused).Fingerprint;
        });

    [Fact]
    public void Policies_that_differ_are_not_equal() =>
        Assert.Distinct([
            EgressPolicy.Everything,
            EgressPolicy.Everything with
            {
                AllowsByDefault = false,
            },
            EgressPolicy.Everything with
            {
                Deny = [EgressRule.Parse("10.0.0.0/8")],
            },
            EgressPolicy.Everything with
            {
                Allow = [EgressRule.Parse("10.0.0.0/8")],
            },
        ]);

    [Fact]
    public void A_chain_has_one_rule_and_one_set_for_rules_that_differ_in_their_networks()
    {
        var policy = new EgressPolicy(
            AllowsByDefault: false,
            [
                EgressRule.Parse("0.0.0.0/0:443/tcp"),
                EgressRule.Parse("192.168.100.1:53/udp"),
                EgressRule.Parse("169.254.169.254:80/tcp"),
            ],
            [EgressRule.Parse("10.1.0.0/16"), EgressRule.Parse("10.0.0.0/8"), EgressRule.Parse("8.8.8.8")]
        );
        var transaction = new StringBuilder();

        new EgressChain(0xabcd_0001, policy, Refused).AppendTo(transaction);

        Assert.Equal(
            """
            add chain inet master_controller policy_abcd0001
            add set inet master_controller policy_abcd0001_0 { type ipv4_addr; flags interval; elements = { 8.8.8.8, 10.0.0.0/8 } }
            add set inet master_controller policy_abcd0001_1 { type ipv4_addr; flags interval; elements = { 169.254.169.254 } }
            add set inet master_controller policy_abcd0001_2 { type ipv4_addr; flags interval; elements = { 192.168.100.1 } }
            add set inet master_controller policy_abcd0001_3 { type ipv4_addr; flags interval; elements = { 169.254.169.254 } }
            add set inet master_controller policy_abcd0001_4 { type ipv4_addr; flags interval; elements = { 169.254.169.254 } }
            add set inet master_controller policy_abcd0001_5 { type ipv4_addr; flags interval; elements = { 192.168.100.1 } }
            add rule inet master_controller policy_abcd0001 ct original ip daddr @policy_abcd0001_0 goto egress_refused
            add rule inet master_controller policy_abcd0001 ip daddr @gateways meta l4proto tcp ct original proto-dst 80 ct original ip daddr @policy_abcd0001_1 accept
            add rule inet master_controller policy_abcd0001 ip daddr @gateways meta l4proto udp ct original proto-dst 53 ct original ip daddr @policy_abcd0001_2 accept
            add rule inet master_controller policy_abcd0001 meta l4proto tcp ct original proto-dst 80 ct original ip daddr @policy_abcd0001_3 goto egress_opened
            add rule inet master_controller policy_abcd0001 meta l4proto tcp ct original proto-dst 80 ct original ip daddr @policy_abcd0001_4 return
            add rule inet master_controller policy_abcd0001 meta l4proto tcp ct original proto-dst 443 return
            add rule inet master_controller policy_abcd0001 meta l4proto udp ct original proto-dst 53 ct original ip daddr @policy_abcd0001_5 return
            add rule inet master_controller policy_abcd0001 goto egress_refused
            add element inet master_controller egress_policies { abcd:1 : jump policy_abcd0001 }

            """,
            transaction.ToString()
        );
    }

    private static Gen<T> OneOf<T>(params T[] values) => Gen.Int[0, values.Length - 1].Select(i => values[i]);

    // As the rules of our table ask: the policy first, what guests are refused by default after it.
    private static bool Decide(EgressPolicy policy, (Ipv4Address To, EgressProtocol Protocol, ushort Port) packet)
    {
        foreach (var group in EgressGroup.Of(policy, Refused))
        {
            if (group.Verdict == EgressVerdict.AllowOnHost || !group.Matches(packet.To, packet.Protocol, packet.Port))
                continue;
            return group.Verdict switch
            {
                EgressVerdict.Refuse => false,
                EgressVerdict.Open => true,
                _ => !Refused.Any(network => network.Contains(packet.To)),
            };
        }
        return policy.AllowsByDefault && !Refused.Any(network => network.Contains(packet.To));
    }

    private static bool DecideOnHost(
        EgressPolicy policy,
        (Ipv4Address To, EgressProtocol Protocol, ushort Port) packet
    ) =>
        EgressGroup.Of(policy, Refused).FirstOrDefault(group => group.Matches(packet.To, packet.Protocol, packet.Port))
            is { Verdict: EgressVerdict.AllowOnHost };

    private static bool Expected(EgressPolicy policy, (Ipv4Address To, EgressProtocol Protocol, ushort Port) packet)
    {
        bool Matches(EgressRule rule) => rule.Matches(packet.To, packet.Protocol, packet.Port);
        if (policy.Deny.Any(Matches))
            return false;
        if (Ipv4Network.Parse("169.254.0.0/16").Contains(packet.To))
            return policy.Allow.Any(rule => Matches(rule) && rule.Network.PrefixLength >= 16);
        return policy.AllowsByDefault || policy.Allow.Any(Matches);
    }
}
