using System.Text;
using CsCheck;
using MasterController.Core.HostNetwork;
using MasterController.Core.HostNetwork.Policies;
using MasterController.Linux.Addresses;
using Xunit;

namespace MasterController.Tests.HostNetwork.Policies;

public sealed class EgressPolicyTests
{
    private static readonly IReadOnlyList<IpNetwork> Refused = new HostNetworkOptions().Refused;

    // Few networks and ports, so that rules meet each other and the packets.
    private static readonly Gen<EgressRule> Rules =
        from network in OneOf(
            "0.0.0.0/0",
            "10.0.0.0/8",
            "10.1.0.0/16",
            "10.1.2.3/32",
            "169.254.0.0/16",
            "169.254.169.254/32",
            "192.168.100.1/32",
            "::/0",
            "2001:db8::/32",
            "2001:db8:1::/48",
            "2001:db8:1::7/128",
            "fd00:ec2::/32",
            "fd00:ec2::254/128"
        )
        from protocol in Gen.Enum<EgressProtocol>()
        from first in Gen.UShort[1, 4]
        from length in Gen.UShort[0, 2]
        from hasPorts in Gen.Bool
        select new EgressRule(
            IpNetwork.Parse(network),
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

    private static readonly Gen<(IpAddress To, EgressProtocol Protocol, ushort Port)> Packets =
        from to in OneOf(
            "8.8.8.8",
            "10.1.2.3",
            "10.1.9.9",
            "10.9.9.9",
            "169.254.169.254",
            "169.254.1.1",
            "2001:db8:1::7",
            "2001:db8:1::8",
            "2001:db8:9::1",
            "2001:4860::1",
            "fd00:ec2::254"
        )
        from protocol in OneOf(EgressProtocol.Tcp, EgressProtocol.Udp, EgressProtocol.Icmp)
        from port in Gen.UShort[1, 7]
        select (IpAddress.Parse(to), protocol, port);

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
                            rule is { Network: { PrefixLength: 32, IsIpv6: false }, Ports: not null }
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
            EgressPolicy.Everything with
            {
                Deny = [EgressRule.Parse("0.0.0.0/0")],
            },
            EgressPolicy.Everything with
            {
                Deny = [EgressRule.Parse("::/0")],
            },
        ]);

    [Theory]
    [InlineData("allow", "", "0.0.0.0/0", false, true)]
    [InlineData("allow", "", "::/0", true, false)]
    [InlineData("deny", "0.0.0.0/0", "", true, false)]
    [InlineData("deny", "::/0", "", false, true)]
    [InlineData("deny", "", "", false, false)]
    [InlineData("allow", "", "", true, true)]
    public void A_rule_is_of_one_family_and_the_default_of_both(
        string rest,
        string allow,
        string deny,
        bool ipv4,
        bool ipv6
    )
    {
        EgressRule[] Rules(string text) => text.Length == 0 ? [] : [EgressRule.Parse(text)];
        var policy = new EgressPolicy(rest == "allow", Rules(allow), Rules(deny));

        Assert.Equal(ipv4, Decide(policy, (IpAddress.Parse("8.8.8.8"), EgressProtocol.Tcp, 443)));
        Assert.Equal(ipv6, Decide(policy, (IpAddress.Parse("2001:4860::8"), EgressProtocol.Tcp, 443)));
    }

    [Theory]
    [InlineData("fd00:ec2::254")] // EC2's metadata service
    [InlineData("fe80::1")]
    [InlineData("ff02::1")]
    [InlineData("::1")]
    [InlineData("::ffff:169.254.169.254")]
    [InlineData("64:ff9b::a9fe:a9fe")] // the same through NAT64 (RFC 6052)
    [InlineData("169.254.169.254")]
    public void Guests_are_refused_what_is_no_business_of_theirs(string address) =>
        Assert.Contains(Refused, network => network.Contains(IpAddress.Parse(address)));

    [Theory]
    [InlineData("2001:db8::1")]
    [InlineData("2a00:1450::1")]
    [InlineData("fd00:ec2::253")]
    [InlineData("8.8.8.8")]
    public void And_nothing_more(string address) =>
        Assert.DoesNotContain(Refused, network => network.Contains(IpAddress.Parse(address)));

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
            add rule inet master_controller policy_abcd0001 meta nfproto ipv4 meta l4proto tcp ct original proto-dst 443 return
            add rule inet master_controller policy_abcd0001 meta l4proto udp ct original proto-dst 53 ct original ip daddr @policy_abcd0001_5 return
            add rule inet master_controller policy_abcd0001 goto egress_refused
            add element inet master_controller egress_policies { abcd:1 : jump policy_abcd0001 }

            """,
            transaction.ToString()
        );
    }

    [Fact]
    public void Networks_of_both_families_are_in_sets_of_their_own()
    {
        var policy = new EgressPolicy(
            AllowsByDefault: false,
            [
                EgressRule.Parse("[::/0]:443/tcp"),
                EgressRule.Parse("[2001:db8::/32]:icmp"),
                EgressRule.Parse("10.0.0.0/8"),
                EgressRule.Parse("[fd00:ec2::254]:80/tcp"),
            ],
            [EgressRule.Parse("2001:db8:1::/48"), EgressRule.Parse("2001:db8:1::7"), EgressRule.Parse("10.1.0.0/16")]
        );
        var transaction = new StringBuilder();

        new EgressChain(1, policy, Refused).AppendTo(transaction);

        Assert.Equal(
            """
            add chain inet master_controller policy_00000001
            add set inet master_controller policy_00000001_0 { type ipv4_addr; flags interval; elements = { 10.1.0.0/16 } }
            add set inet master_controller policy_00000001_1 { type ipv6_addr; flags interval; elements = { 2001:db8:1::/48 } }
            add set inet master_controller policy_00000001_2 { type ipv6_addr; flags interval; elements = { fd00:ec2::254 } }
            add set inet master_controller policy_00000001_3 { type ipv4_addr; flags interval; elements = { 10.0.0.0/8 } }
            add set inet master_controller policy_00000001_4 { type ipv6_addr; flags interval; elements = { fd00:ec2::254 } }
            add set inet master_controller policy_00000001_5 { type ipv6_addr; flags interval; elements = { 2001:db8::/32 } }
            add rule inet master_controller policy_00000001 ct original ip daddr @policy_00000001_0 goto egress_refused
            add rule inet master_controller policy_00000001 ct original ip6 daddr @policy_00000001_1 goto egress_refused
            add rule inet master_controller policy_00000001 meta l4proto tcp ct original proto-dst 80 ct original ip6 daddr @policy_00000001_2 goto egress_opened
            add rule inet master_controller policy_00000001 ct original ip daddr @policy_00000001_3 return
            add rule inet master_controller policy_00000001 meta l4proto tcp ct original proto-dst 80 ct original ip6 daddr @policy_00000001_4 return
            add rule inet master_controller policy_00000001 meta nfproto ipv6 meta l4proto tcp ct original proto-dst 443 return
            add rule inet master_controller policy_00000001 meta l4proto ipv6-icmp ct original ip6 daddr @policy_00000001_5 return
            add rule inet master_controller policy_00000001 goto egress_refused
            add element inet master_controller egress_policies { 0:1 : jump policy_00000001 }

            """,
            transaction.ToString()
        );
    }

    private static Gen<T> OneOf<T>(params T[] values) => Gen.Int[0, values.Length - 1].Select(i => values[i]);

    // As the rules of our table ask: the policy first, what guests are refused by default after it.
    private static bool Decide(EgressPolicy policy, (IpAddress To, EgressProtocol Protocol, ushort Port) packet)
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
        (IpAddress To, EgressProtocol Protocol, ushort Port) packet
    ) =>
        EgressGroup.Of(policy, Refused).FirstOrDefault(group => group.Matches(packet.To, packet.Protocol, packet.Port))
            is { Verdict: EgressVerdict.AllowOnHost };

    private static bool Expected(EgressPolicy policy, (IpAddress To, EgressProtocol Protocol, ushort Port) packet)
    {
        bool Matches(EgressRule rule) => rule.Matches(packet.To, packet.Protocol, packet.Port);
        if (policy.Deny.Any(Matches))
            return false;
        if (Ipv4Network.Parse("169.254.0.0/16") is var metadata && ((IpNetwork)metadata).Contains(packet.To))
            return policy.Allow.Any(rule => Matches(rule) && rule.Network.PrefixLength >= 16);
        if (packet.To == Ipv6Address.Parse("fd00:ec2::254"))
            return policy.Allow.Any(rule => Matches(rule) && rule.Network.PrefixLength == 128);
        return policy.AllowsByDefault || policy.Allow.Any(Matches);
    }
}
