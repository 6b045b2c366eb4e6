using MasterController.Core.Addressing;
using MasterController.Core.HostNetwork;
using Xunit;

namespace MasterController.Tests.Addressing;

public sealed class PoolRulesTests
{
    [Theory]
    [InlineData("192.0.2.12/24", "host bits")]
    [InlineData("0.0.0.0/0", "too wide")]
    [InlineData("10.0.0.0/7", "too wide")]
    [InlineData("224.1.0.0/16", "multicast")]
    [InlineData("239.255.255.0/24", "multicast")]
    [InlineData("127.0.0.0/8", "loopback")]
    [InlineData("127.1.2.0/24", "loopback")]
    [InlineData("169.254.0.0/16", "link-local")]
    [InlineData("169.254.169.254/32", "link-local")]
    [InlineData("0.0.0.0/8", "this network")]
    [InlineData("240.0.0.0/8", "class E")]
    [InlineData("255.255.255.255/32", "class E")]
    [InlineData("2001:db8::/64", "not an IPv4 network")]
    [InlineData("192.168.0.1/123", "prefix length")]
    [InlineData("192.168.0.1", "not an IPv4 network")]
    [InlineData("", "not an IPv4 network")]
    public void Vector_4_a_cidr_that_cannot_be_is_refused_by_field(string cidr, string reason) =>
        AssertRefused(new RangeRequest(cidr), "ranges[0].cidr", reason);

    [Theory]
    [InlineData("192.0.3.1", "outside 192.0.2.0/24")]
    [InlineData("192.0.2.0", "network or broadcast")]
    [InlineData("192.0.2.255", "network or broadcast")]
    [InlineData("fe80::1", "not an IPv4 address")]
    [InlineData("192.0.2", "not an IPv4 address")]
    public void Vector_4_first_last_and_gateway_must_be_hosts_of_the_range(string address, string reason)
    {
        AssertRefused(new RangeRequest("192.0.2.0/24", First: address), "ranges[0].first", reason);
        AssertRefused(new RangeRequest("192.0.2.0/24", Last: address), "ranges[0].last", reason);
        AssertRefused(new RangeRequest("192.0.2.0/24", Gateway: address), "ranges[0].gateway", reason);
    }

    [Fact]
    public void Vector_4_last_before_first_is_refused()
    {
        AssertRefused(
            new RangeRequest("192.0.2.0/24", First: "192.0.2.60", Last: "192.0.2.59"),
            "ranges[0].last",
            "192.0.2.59 is before first 192.0.2.60"
        );
        AssertRefused(new RangeRequest("192.0.2.0/24", Last: "192.0.2.1"), "ranges[0].last", "before first");
    }

    [Theory]
    [InlineData("192.0.2.0/25")]
    [InlineData("192.0.2.128/25")]
    [InlineData("192.0.0.0/20")]
    [InlineData("192.0.2.0/24")]
    public void Vector_4_overlap_with_another_pool_names_that_pool(string cidr)
    {
        var existing = Accept(new PoolRequest("other", [new RangeRequest("192.0.2.0/24")]));
        var outcome = PoolRules.Check(
            new PoolRequest("mine", [new RangeRequest("10.0.0.0/8"), new RangeRequest(cidr)]),
            [existing]
        );
        var overlap = Assert.IsType<PoolOutcome.Overlap>(outcome);
        Assert.Equal("ranges[1].cidr", overlap.Field);
        Assert.Equal("other", overlap.OtherPool);
        Assert.Equal("192.0.2.0/24", overlap.Other.ToString());
    }

    [Fact]
    public void Vector_4_a_range_that_begins_at_another_ones_last_address_overlaps()
    {
        var existing = Accept(new PoolRequest("low", [new RangeRequest("192.0.2.0/24", Last: "192.0.2.127")]));
        var touching = new PoolRequest("high", [new RangeRequest("192.0.2.0/24", First: "192.0.2.127")]);
        Assert.IsType<PoolOutcome.Overlap>(PoolRules.Check(touching, [existing]));
        var next = new PoolRequest("high", [new RangeRequest("192.0.2.0/24", First: "192.0.2.128")]);
        Assert.IsType<PoolOutcome.Done>(PoolRules.Check(next, [existing]));
    }

    [Fact]
    public void Vector_4_overlap_within_one_request_is_refused() =>
        AssertRefused(
            PoolRules.Check(
                new PoolRequest("p", [new RangeRequest("192.0.0.0/20"), new RangeRequest("192.0.2.0/24")]),
                []
            ),
            "ranges[1].cidr",
            "overlaps 192.0.0.2–192.0.15.254 of ranges[0]"
        );

    [Theory]
    [InlineData("192.0.2.100", null, null)]
    [InlineData("192.0.2.1", "192.0.2.1", "192.0.2.127")]
    public void A_gateway_that_another_pool_could_lease_is_refused(
        string gateway,
        string? otherFirst,
        string? otherLast
    )
    {
        var existing = Accept(
            new PoolRequest(
                "low",
                [
                    new RangeRequest(
                        "192.0.2.0/24",
                        First: otherFirst,
                        Last: otherLast ?? "192.0.2.127",
                        Gateway: "192.0.2.126"
                    ),
                ]
            )
        );
        AssertRefused(
            PoolRules.Check(
                new PoolRequest("high", [new RangeRequest("192.0.2.0/24", First: "192.0.2.128", Gateway: gateway)]),
                [existing]
            ),
            "ranges[0].gateway",
            "pool low"
        );
    }

    [Theory]
    [InlineData("192.0.2.0/31")]
    [InlineData("192.0.2.0/32")]
    public void A_point_to_point_range_takes_no_gateway(string cidr) =>
        AssertRefused(new RangeRequest(cidr, Gateway: "192.0.2.0"), "ranges[0].gateway", "no room");

    [Theory]
    [InlineData("nonsense")]
    [InlineData("192.0.2.9/24")]
    [InlineData("::1")]
    public void A_reservation_that_cannot_be_read_is_refused_by_its_index(string text) =>
        AssertRefused(
            new RangeRequest("192.0.2.0/24", Reservations: ["192.0.2.7", text]),
            "ranges[0].reservations[1]",
            text
        );

    [Theory]
    [InlineData("")]
    [InlineData("Upper")]
    [InlineData("-a")]
    [InlineData("a-")]
    [InlineData("a.b")]
    [InlineData("a\n")]
    [InlineData("ä")]
    public void A_name_that_is_no_dns_label_is_refused(string name) =>
        AssertRefused(PoolRules.Check(new PoolRequest(name, [new RangeRequest("10.0.0.0/8")]), []), "name", "a-z");

    [Fact]
    public void A_name_has_63_characters_at_most()
    {
        Accept(new PoolRequest(new string('a', 63), [new RangeRequest("10.0.0.0/8")]));
        var tooLong = new PoolRequest(new string('a', 64), [new RangeRequest("10.0.0.0/8")]);
        AssertRefused(PoolRules.Check(tooLong, []), "name", "63");
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(86_401)]
    public void A_cool_down_out_of_bounds_is_refused(int seconds) =>
        AssertRefused(
            PoolRules.Check(
                new PoolRequest("p", [new RangeRequest("10.0.0.0/8")], Cooldown: TimeSpan.FromSeconds(seconds)),
                []
            ),
            "cooldownSeconds",
            "86400"
        );

    [Fact]
    public void A_strategy_that_is_unknown_is_refused() =>
        AssertRefused(
            PoolRules.Check(new PoolRequest("p", [new RangeRequest("10.0.0.0/8")], Strategy: "psychic"), []),
            "strategy",
            "\"psychic\" is none of \"lowest-free\", \"next\", \"random\", \"least-recently-used\""
        );

    [Theory]
    [InlineData(null, AllocationStrategy.LowestFree)]
    [InlineData("lowest-free", AllocationStrategy.LowestFree)]
    [InlineData("next", AllocationStrategy.Next)]
    [InlineData("random", AllocationStrategy.Random)]
    [InlineData("least-recently-used", AllocationStrategy.LeastRecentlyUsed)]
    public void A_strategy_is_taken_by_its_name(string? name, AllocationStrategy expected) =>
        Assert.Equal(expected, Accept(new PoolRequest("p", [new RangeRequest("10.0.0.0/8")], Strategy: name)).Strategy);

    [Fact]
    public void A_kept_gateway_that_another_pool_could_lease_is_refused_on_both_sides()
    {
        var keeping = Accept(new PoolRequest("keeping", [new RangeRequest("192.0.2.0/25")])) with
        {
            KeptGateways = [PoolFixture.Kept("198.51.100.7", "198.51.100.0/24")],
        };
        var other = Accept(new PoolRequest("other", [new RangeRequest("198.51.100.0/24")]));
        AssertRefused(
            PoolRules.Check(new PoolRequest("new", [new RangeRequest("198.51.100.0/24")]), [keeping]),
            "ranges[0].cidr",
            "holds 198.51.100.7, once the gateway and still in use of pool keeping"
        );
        AssertRefused(
            PoolRules.CheckRedefinition(keeping, [other]),
            "keptGateways[0]",
            "198.51.100.7 is among the addresses 198.51.100.2–198.51.100.254 of pool other"
        );
        AssertRefused(PoolRules.CheckRedefinition(other, [keeping]), "ranges[0].cidr", "pool keeping");
    }

    [Fact]
    public void A_redefinition_is_put_into_address_order_and_checked_within_itself()
    {
        var pool = Accept(new PoolRequest("p", [new RangeRequest("192.0.2.0/24"), new RangeRequest("10.0.0.0/8")]));
        var turned = pool with { Ranges = [.. pool.Ranges.Reverse()] };
        var done = Assert.IsType<PoolOutcome.Done>(PoolRules.CheckRedefinition(turned, []));
        Assert.Equal(pool.Ranges, done.Pool.Ranges);
        var twice = pool with { Ranges = [.. pool.Ranges, PoolFixture.Range("192.0.2.128/25")] };
        AssertRefused(PoolRules.CheckRedefinition(twice, []), "ranges[2].cidr", "overlaps");
    }

    [Fact]
    public void A_pool_without_ranges_is_refused() =>
        AssertRefused(PoolRules.Check(new PoolRequest("p", []), []), "ranges", "at least one");

    [Fact]
    public void Everything_that_is_wrong_is_said_at_once()
    {
        var outcome = PoolRules.Check(
            new PoolRequest(
                "P",
                [new RangeRequest("192.0.2.1/24"), new RangeRequest("10.0.0.0/8", First: "x")],
                Strategy: "x"
            ),
            []
        );
        var errors = Assert.IsType<PoolOutcome.Invalid>(outcome).Errors;
        Assert.Equal(
            ["name", "ranges[0].cidr", "ranges[1].first", "strategy"],
            errors.Keys.Order(StringComparer.Ordinal)
        );
    }

    [Fact]
    public void A_name_that_is_taken_is_refused()
    {
        var existing = Accept(new PoolRequest("p", [new RangeRequest("10.0.0.0/8")]));
        var again = new PoolRequest("p", [new RangeRequest("192.0.2.0/24")]);
        Assert.IsType<PoolOutcome.NameTaken>(PoolRules.Check(again, [existing]));
    }

    [Fact]
    public void Defaults_are_gateway_first_last_and_thirty_seconds()
    {
        var pool = Accept(new PoolRequest("p", [new RangeRequest("192.168.100.0/24")]));
        var range = Assert.Single(pool.Ranges);
        Assert.Equal("192.168.100.1", range.Gateway.ToString());
        Assert.Equal("192.168.100.2", range.First.ToString());
        Assert.Equal("192.168.100.254", range.Last.ToString());
        Assert.Equal(TimeSpan.FromSeconds(30), pool.Cooldown);
        Assert.Equal(1, pool.Version);
    }

    [Fact]
    public void A_pool_is_routed_unless_it_says_otherwise()
    {
        Assert.Equal(NetworkMode.Routed, Accept(new PoolRequest("p", [new RangeRequest("10.0.0.0/8")])).Network);
        Assert.Equal(NetworkMode.Bridge, Accept(Bridged("p", "192.0.2.0/24")).Network);
        AssertRefused(
            PoolRules.Check(new PoolRequest("p", [new RangeRequest("10.0.0.0/8")], Network: "token-ring"), []),
            "network",
            "\"token-ring\" is none of \"routed\", \"bridge\""
        );
    }

    [Theory]
    [InlineData("10.0.0.0/31")]
    [InlineData("10.0.0.0/32")]
    public void A_pool_in_bridge_mode_needs_a_gateway(string cidr) =>
        AssertRefused(PoolRules.Check(Bridged("p", cidr), []), "ranges[0].cidr", "no room for a gateway");

    [Fact]
    public void Pools_in_bridge_mode_lease_as_many_addresses_together_as_one_bridge_has_ports()
    {
        var most = Accept(Bridged("most", "10.0.0.0/22"));
        var refusal = Assert.IsType<PoolOutcome.BridgeFull>(PoolRules.Check(Bridged("p", "10.8.0.0/21"), []));
        Assert.Equal((2_045, 0, 1_023), (refusal.Own, refusal.Others, refusal.Most));
        Assert.Contains("2,045 addresses in bridge mode; one bridge has 1,023 ports", refusal.Words);
        Assert.Contains("routed mode", refusal.Words);

        refusal = Assert.IsType<PoolOutcome.BridgeFull>(PoolRules.Check(Bridged("p", "10.8.0.0/29"), [most]));
        Assert.Equal((5, 1_021), (refusal.Own, refusal.Others));
        Assert.Contains("5 addresses in bridge mode and other pools 1,021", refusal.Words);

        // Reserved addresses take no port, and routed pools none at all.
        Accept(new PoolRequest("p", [new RangeRequest("10.0.0.0/16")]));
        Assert.IsType<PoolOutcome.Done>(
            PoolRules.Check(
                new PoolRequest(
                    "p",
                    [new RangeRequest("10.8.0.0/29", Reservations: ["10.8.0.2", "10.8.0.4/30"])],
                    Network: "bridge"
                ),
                [most]
            )
        );
    }

    [Fact]
    public void Growing_beyond_the_bridge_is_refused_also_by_a_reservation_that_ends()
    {
        var pool = Accept(
            new PoolRequest("p", [new RangeRequest("10.0.0.0/21", Reservations: ["10.0.4.0/22"])], Network: "bridge")
        );
        var grown = pool with { Ranges = [pool.Ranges[0] with { Reservations = [] }] };

        Assert.IsType<PoolOutcome.BridgeFull>(PoolRules.CheckRedefinition(grown, []));
        Assert.IsType<PoolOutcome.Done>(PoolRules.CheckRedefinition(grown with { Network = NetworkMode.Routed }, []));
    }

    [Theory]
    [InlineData("")]
    [InlineData(" a")]
    [InlineData("a ")]
    [InlineData("a\tb")]
    [InlineData("a\u0000")]
    [InlineData("a\u202eb")]
    public void An_owner_that_cannot_be_printed_is_refused(string owner) =>
        Assert.NotNull(OwnerKey.ReasonAgainst(owner));

    [Fact]
    public void An_owner_with_half_a_character_is_refused() =>
        Assert.Contains("U+D800", OwnerKey.ReasonAgainst("a" + (char)0xd800));

    [Theory]
    [InlineData("vm-1")]
    [InlineData("team a/job 7")]
    [InlineData("ключ-😀")]
    public void Any_printable_owner_is_taken(string owner) => Assert.Null(OwnerKey.ReasonAgainst(owner));

    [Fact]
    public void An_owner_has_256_characters_at_most()
    {
        Assert.Null(OwnerKey.ReasonAgainst(new string('x', 256)));
        Assert.Contains("257", OwnerKey.ReasonAgainst(new string('x', 257)));
    }

    private static PoolRequest Bridged(string name, string cidr) =>
        new(name, [new RangeRequest(cidr)], Network: "bridge");

    private static PoolDefinition Accept(PoolRequest request) =>
        Assert.IsType<PoolOutcome.Done>(PoolRules.Check(request, [])).Pool;

    private static void AssertRefused(RangeRequest range, string field, string reason) =>
        AssertRefused(PoolRules.Check(new PoolRequest("p", [range]), []), field, reason);

    private static void AssertRefused(PoolOutcome outcome, string field, string reason)
    {
        var errors = Assert.IsType<PoolOutcome.Invalid>(outcome).Errors;
        Assert.Equal([field], errors.Keys);
        Assert.Contains(errors[field], message => message.Contains(reason, StringComparison.Ordinal));
    }
}
