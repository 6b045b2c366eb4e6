using MasterController.Core.Addressing;
using MasterController.Core.PoolChanges;
using MasterController.Linux.Addresses;
using Xunit;

namespace MasterController.Tests.PoolChanges;

public class PoolPlannerTests
{
    private static readonly PoolDefinition Small = Definitions.Pool("192.168.100.0/24");
    private static readonly PoolDefinition Grown = Small.Planned(new(PoolAction.Expand, "192.168.0.0/16"));

    [Fact]
    public void A_network_that_contains_a_range_grows_it()
    {
        var range = Assert.Single(Grown.Ranges);
        Assert.Equal("192.168.0.0/16", range.Network.ToString());
        Assert.Equal("192.168.0.1", range.Gateway.ToString());
        Assert.Equal("192.168.0.2", range.First.ToString());
        Assert.Equal("192.168.255.254", range.Last.ToString());
        Assert.Equal(2, Grown.Version);
        var kept = Assert.Single(Grown.KeptGateways);
        Assert.Equal("192.168.100.1", kept.Address.ToString());
        Assert.Equal("192.168.100.0/24", kept.Network.ToString());
        Assert.Equal(Definitions.Now, kept.Since);
    }

    [Fact]
    public void Capacity_counts_the_kept_gateway_for_as_long_as_it_is_kept()
    {
        Assert.Equal(253, PoolStretches.Capacity(Small, whileGatewaysKept: true));
        Assert.Equal(65_533, PoolStretches.Capacity(Grown, whileGatewaysKept: false));
        Assert.Equal(65_532, PoolStretches.Capacity(Grown, whileGatewaysKept: true));
    }

    [Fact]
    public void A_disjoint_network_becomes_a_range_of_its_own()
    {
        var pool = Grown.Planned(new(PoolAction.Expand, "10.0.0.0/8"));
        Assert.Equal(["10.0.0.0/8", "192.168.0.0/16"], pool.Networks());
        Assert.Equal(["192.168.100.1"], pool.Kept());
        Assert.Equal(65_533 + 16_777_213, PoolStretches.Capacity(pool, whileGatewaysKept: false));
    }

    [Fact]
    public void Two_ranges_within_a_network_become_one_and_keep_what_is_reserved()
    {
        var pool = Definitions
            .Pool(
                new RangeRequest("10.1.0.0/24", Reservations: ["10.1.0.9"]),
                new RangeRequest("10.1.7.0/24", Gateway: "10.1.7.254", Last: "10.1.7.253")
            )
            .Planned(new(PoolAction.Expand, "10.1.0.0/16", Gateway: "10.1.7.254", Reservations: ["10.1.9.0/24"]));
        var range = Assert.Single(pool.Ranges);
        Assert.Equal("10.1.7.254", range.Gateway.ToString());
        Assert.Equal(["10.1.9.0/24", "10.1.0.9/32"], range.Reservations.Select(r => r.ToString()));
        Assert.Equal(["10.1.0.1"], pool.Kept());
    }

    [Theory]
    [InlineData(
        "192.168.100.128/25",
        "cidr",
        "192.168.100.128/25 overlaps 192.168.100.0/24 of this pool without containing it"
    )]
    [InlineData("192.168.100.0/24", "cidr", "192.168.100.0/24 is a range of this pool already")]
    [InlineData("0.0.0.0/0", "cidr", "0.0.0.0/0 is too wide; the prefix length must be 8 to 32")]
    [InlineData("192.0.2.12/24", "cidr", "\"192.0.2.12/24\" has host bits set; the network is 192.0.2.0/24")]
    [InlineData("224.0.0.0/8", "cidr", "224.0.0.0/8 lies in 224.0.0.0/4, which is multicast")]
    [InlineData("fd00::/8", "cidr", "\"fd00::/8\" is not an IPv4 network such as 192.168.100.0/24")]
    [InlineData("192.168.0.1/123", "cidr", "\"192.168.0.1/123\" has a prefix length that is not 0 to 32")]
    public void A_bad_network_is_refused_by_name(string cidr, string field, string why) =>
        Assert.Equal((field, why), Small.Refusal(new(PoolAction.Expand, cidr)));

    [Theory]
    [InlineData("10.0.0.1", null, null, "gateway", "10.0.0.1 is outside 192.168.0.0/16")]
    [InlineData(
        "192.168.255.255",
        null,
        null,
        "gateway",
        "192.168.255.255 is the network or broadcast address of 192.168.0.0/16"
    )]
    [InlineData("::1", null, null, "gateway", "\"::1\" is not an IPv4 address")]
    [InlineData(null, "192.168.9.0", "192.168.8.0", "last", "last 192.168.8.0 is before first 192.168.9.0")]
    [InlineData(null, "10.0.0.2", null, "first", "10.0.0.2 is outside 192.168.0.0/16")]
    public void Bad_bounds_are_refused_by_name(
        string? gateway,
        string? first,
        string? last,
        string field,
        string why
    ) => Assert.Equal((field, why), Small.Refusal(new(PoolAction.Expand, "192.168.0.0/16", first, last, gateway)));

    [Fact]
    public void Shrinking_goes_back_to_the_gateway_that_guests_know()
    {
        var pool = Grown.Planned(new(PoolAction.Shrink, "192.168.100.0/24"));
        Assert.Equal("192.168.100.1", Assert.Single(pool.Ranges).Gateway.ToString());
        Assert.Equal(["192.168.0.1"], pool.Kept());
        Assert.Equal(
            ["192.168.0.2–192.168.100.1", "192.168.100.255–192.168.255.254"],
            PoolStretches.Removed(Grown, pool).Select(s => s.ToString())
        );
    }

    [Fact]
    public void Shrinking_keeps_the_gateway_where_it_lies_within()
    {
        var pool = Grown.Planned(new(PoolAction.Shrink, "192.168.0.0/20"));
        Assert.Equal("192.168.0.1", Assert.Single(pool.Ranges).Gateway.ToString());
        Assert.Equal(["192.168.100.1"], pool.Kept());
    }

    [Theory]
    [InlineData("10.0.0.0/24")]
    [InlineData("192.168.0.0/16")]
    [InlineData("192.0.0.0/8")]
    public void Shrinking_to_what_is_not_smaller_is_refused(string cidr) =>
        Assert.Equal(
            ("cidr", $"{cidr} lies in no wider range of this pool: 192.168.0.0/16"),
            Grown.Refusal(new(PoolAction.Shrink, cidr))
        );

    [Fact]
    public void A_range_comes_and_goes()
    {
        var two = Small.Planned(new(PoolAction.AddRange, "10.7.0.0/16", Last: "10.7.0.9"));
        Assert.Equal(["10.7.0.0/16", "192.168.100.0/24"], two.Networks());
        var one = two.Planned(new(PoolAction.RemoveRange, "10.7.0.0/16"));
        Assert.Equal(["192.168.100.0/24"], one.Networks());
        Assert.Equal(["10.7.0.1"], one.Kept());
        Assert.Equal(
            ("cidr", "192.168.100.0/24 is the pool's only range; delete the pool instead"),
            one.Refusal(new(PoolAction.RemoveRange, "192.168.100.0/24"))
        );
        Assert.Equal(
            ("cidr", "10.7.0.0/24 is no range of this pool: 10.7.0.0/16, 192.168.100.0/24"),
            two.Refusal(new(PoolAction.RemoveRange, "10.7.0.0/24"))
        );
    }

    [Fact]
    public void Draining_takes_addresses_out_and_undraining_brings_them_back()
    {
        var draining = Small.Planned(new(PoolAction.Drain, "192.168.100.128/25"));
        Assert.Equal(
            new Drain(Definitions.Address("192.168.100.128"), Definitions.Address("192.168.100.254"), "op-1"),
            Assert.Single(draining.Drains)
        );
        Assert.Equal(126, PoolStretches.Capacity(draining, whileGatewaysKept: true));
        Assert.Empty(draining.Planned(new(PoolAction.Undrain, "192.168.100.0/24")).Drains);
        Assert.Equal(
            ("cidr", "192.168.100.0/24 is being drained already, in part at least: 192.168.100.128–192.168.100.254"),
            draining.Refusal(new(PoolAction.Drain, "192.168.100.0/24"))
        );
        Assert.Equal(
            ("cidr", "192.168.100.0/26 holds nothing that is being drained: 192.168.100.128–192.168.100.254"),
            draining.Refusal(new(PoolAction.Undrain, "192.168.100.0/26"))
        );
        Assert.Equal(
            ("cidr", "10.0.0.0/8 has no address of this pool: 192.168.100.0/24"),
            Small.Refusal(new(PoolAction.Drain, "10.0.0.0/8"))
        );
    }

    [Fact]
    public void A_reservation_is_made_and_ended_by_its_own_name()
    {
        var reserved = Small.Planned(new(PoolAction.Reserve, "192.168.100.9"));
        Assert.Equal([Ipv4Network.Parse("192.168.100.9/32")], reserved.Ranges[0].Reservations);
        Assert.Empty(reserved.Planned(new(PoolAction.Unreserve, "192.168.100.9")).Ranges[0].Reservations);
        Assert.Equal(
            ("cidr", "192.168.100.9 is reserved already, by 192.168.100.9"),
            reserved.Refusal(new(PoolAction.Reserve, "192.168.100.9"))
        );
        Assert.Equal(
            ("cidr", "10.0.0.0/24 lies in no range of this pool: 192.168.100.0/24"),
            Small.Refusal(new(PoolAction.Reserve, "10.0.0.0/24"))
        );
        Assert.Equal(
            ("cidr", "192.168.100.8/31 is no reservation of this pool: 192.168.100.9"),
            reserved.Refusal(new(PoolAction.Unreserve, "192.168.100.8/31"))
        );
        Assert.Equal(
            ("cidr", "192.168.100.7 is no reservation of this pool: it has none"),
            Small.Refusal(new(PoolAction.Unreserve, "192.168.100.7"))
        );
    }

    [Fact]
    public void A_rollback_goes_to_what_was_before_the_last_change()
    {
        var retired = Grown with { KeptGateways = [], Version = 3 };
        PoolVersion[] versions =
        [
            Small.Version(PoolVersion.Create),
            Grown.Version(),
            retired.Version(PoolVersion.RetireGateway),
        ];
        var back = retired.Planned(new(PoolAction.Rollback), versions);
        Assert.Equal(["192.168.100.0/24"], back.Networks());
        Assert.Equal("192.168.100.1", back.Ranges[0].Gateway.ToString());
        Assert.Equal(["192.168.0.1"], back.Kept());
        Assert.Equal(4, back.Version);
    }

    [Fact]
    public void A_rollback_to_what_never_was_is_refused()
    {
        PoolVersion[] versions = [Small.Version(PoolVersion.Create), Grown.Version()];
        Assert.Equal(
            ("version", "the pool default never had a version 7; see its history"),
            Grown.Refusal(new(PoolAction.Rollback, Version: 7), versions)
        );
        Assert.Equal(
            ("version", "version 2 is what the pool default is now"),
            Grown.Refusal(new(PoolAction.Rollback, Version: 2), versions)
        );
        Assert.Equal(
            ("version", "the pool default has not been changed since it was made"),
            Small.Refusal(new(PoolAction.Rollback), versions[..1])
        );
    }

    [Fact]
    public void A_rollback_behind_a_drain_leases_again()
    {
        var draining = Small.Planned(new(PoolAction.Drain, "192.168.100.0/24"));
        PoolVersion[] versions = [Small.Version(PoolVersion.Create), draining.Version("drain")];
        Assert.Empty(draining.Planned(new(PoolAction.Rollback), versions).Drains);
    }
}
