using MasterController.Core.Addressing;
using MasterController.Core.HostNetwork;
using MasterController.Core.Statistics;
using MasterController.Linux.Addresses;
using MasterController.Tests.PoolChanges;
using Xunit;

namespace MasterController.Tests.Statistics;

public sealed class PoolOutlookTests
{
    [Theory]
    [InlineData("192.168.100.0/24", 0, "Current /24 subnet supports 253 VMs")]
    [InlineData("192.168.100.0/24", 202, "Current /24 subnet supports 253 VMs")]
    [InlineData("192.168.0.0/16", 0, "Current /16 subnet supports 65k VMs")]
    [InlineData("10.0.0.0/20", 0, "Current /20 subnet supports 4,093 VMs")]
    [InlineData("10.0.0.0/8", 1000, "Current /8 subnet supports 16M VMs")]
    public void A_pool_with_room_says_what_it_supports(string cidr, long used, string recommendation)
    {
        var outlook = Of(Definitions.Pool(cidr), used);

        Assert.Equal((recommendation, null, null), (outlook.Recommendation, outlook.ExpandTo, outlook.ExpandGives));
    }

    [Theory]
    [InlineData("192.168.100.0/24", 203, "The /24 is 80 % full: expand to 192.168.0.0/16 for 65,533 addresses")]
    [InlineData("192.168.100.0/24", 233, "The /24 is 92 % full: expand to 192.168.0.0/16 for 65,533 addresses")]
    [InlineData("192.168.100.0/24", 253, "The /24 is 100 % full: expand to 192.168.0.0/16 for 65,533 addresses")]
    [InlineData("172.20.0.0/16", 60_000, "The /16 is 91 % full: expand to 172.16.0.0/12 for 1,048,573 addresses")]
    [InlineData("10.7.0.0/16", 60_000, "The /16 is 91 % full: expand to 10.0.0.0/8 for 16,777,213 addresses")]
    public void One_nearly_full_says_what_to_expand_to_and_what_it_gives(string cidr, long used, string recommendation)
    {
        var outlook = Of(Definitions.Pool(cidr), used);

        Assert.Equal(recommendation, outlook.Recommendation);
        Assert.EndsWith($"expand to {outlook.ExpandTo} for {outlook.ExpandGives:N0} addresses", recommendation);
    }

    [Theory]
    [InlineData("192.168.0.0/16", 65_000)]
    [InlineData("10.0.0.0/8", 16_000_000)]
    [InlineData("203.0.113.0/24", 250)]
    public void Where_nothing_larger_is_private_it_says_to_add_a_range(string cidr, long used)
    {
        var outlook = Of(Definitions.Pool(cidr), used);

        Assert.Equal((null, null), (outlook.ExpandTo, outlook.ExpandGives));
        Assert.EndsWith($"no larger private network around {cidr} is free for it: add a range", outlook.Recommendation);
    }

    [Fact]
    public void What_another_pool_has_is_not_recommended()
    {
        var other = Definitions.Pool("10.1.0.0/24") with { Name = "other" };

        var outlook = Of(Definitions.Pool("10.1.100.0/24"), 240, other);

        // The /8 overlaps as well.
        Assert.Null(outlook.ExpandTo);
    }

    [Fact]
    public void A_pool_of_several_ranges_is_spoken_of_as_such()
    {
        var pool = Definitions.Pool(new RangeRequest("10.1.0.0/24"), new RangeRequest("10.1.5.0/24"));

        Assert.Equal("Current 2 ranges support 506 VMs", Of(pool, 0).Recommendation);
        // The second lies in the network that the first would grow to, and grows with it.
        Assert.Equal(
            "The 2 ranges are 98 % full: expand to 10.1.0.0/16 for 65,533 addresses",
            Of(pool, 500).Recommendation
        );
    }

    [Fact]
    public void A_bridge_takes_no_more_than_its_ports()
    {
        var pool = Definitions.Pool("192.168.100.0/24") with { Network = NetworkMode.Bridge };

        Assert.Equal(Ipv4Network.Parse("192.168.100.0/22"), Of(pool, 250).ExpandTo);
    }

    [Fact]
    public void Reserved_addresses_count_neither_as_room_nor_as_used()
    {
        var pool = Definitions.Pool(new RangeRequest("192.168.100.0/24", Reservations: ["192.168.100.128/25"]));

        var outlook = Of(pool, 100, reserved: 127);

        Assert.Equal(126, outlook.Leasable);
        Assert.Equal(79, 100 * 100 / outlook.Leasable);
        Assert.Equal("Current /24 subnet supports 126 VMs", outlook.Recommendation);
    }

    private static PoolOutlook Of(PoolDefinition pool, long used, params PoolDefinition[] others) =>
        Of(pool, used, reserved: 0, others);

    private static PoolOutlook Of(PoolDefinition pool, long used, long reserved, params PoolDefinition[] others)
    {
        var total = pool.Ranges.Sum(r => (long)r.Last.Value - r.First.Value + 1);
        var counts = new PoolCounts(total, used, 0, reserved, total - used - reserved);
        return PoolOutlook.Of(pool, counts, others, Definitions.Now);
    }
}
