using CsCheck;
using MasterController.Core.External;
using MasterController.Linux.Addresses;
using Xunit;

namespace MasterController.Tests.External;

public sealed class Ipv6MappingTests
{
    private static readonly Gen<Ipv6Network> _prefixes = Gen.Select(Gen.Int[48, 112], Gen.ULong)
        .Select(
            (length, bits) =>
                Ipv6Network.Of(new Ipv6Address(((UInt128)(0x2001_0db8_0000_0000 | (uint)bits) << 64) | bits), length)
        );

    [Theory]
    [InlineData("2001:db8:1250::/64", "192.168.100.2", "2001:db8:1250::100:2")]
    [InlineData("2001:db8:1250::/64", "192.168.0.2", "2001:db8:1250::2")]
    [InlineData("2001:db8:1250::/64", "192.168.255.254", "2001:db8:1250::255:254")]
    [InlineData("2001:db8:1250::/64", "10.1.2.3", "2001:db8:1250:0:10:1:2:3")]
    [InlineData("2001:db8:1250::/48", "10.0.0.2", "2001:db8:1250:0:10::2")]
    [InlineData("2001:db8:1250::/96", "192.168.100.2", "2001:db8:1250::c0a8:6402")]
    [InlineData("2001:db8:1250::/72", "10.0.0.2", "2001:db8:1250::a00:2")]
    [InlineData("2001:db8:1250::7:0/112", "192.168.100.2", "2001:db8:1250::7:6402")]
    public void Is_what_the_manual_says(string prefix, string ipv4, string expected) =>
        Assert.Equal(
            Ipv6Address.Parse(expected),
            new Ipv6Mapping(Ipv6Network.Parse(prefix)).Of(Ipv4Address.Parse(ipv4))
        );

    [Fact]
    public void No_two_guests_have_the_same_and_all_lie_in_the_prefix() =>
        Gen.Select(_prefixes, Gen.UInt, Gen.UInt)
            .Sample(
                (prefix, one, other) =>
                {
                    var mapping = new Ipv6Mapping(prefix);
                    // All pools together lie in one network of that length.
                    var shared = Math.Max(0, prefix.PrefixLength - 96);
                    var room = Ipv4Network.Of(new Ipv4Address(one | 0x0100_0000), shared);
                    var (a, b) = (
                        new Ipv4Address(one | 0x0100_0000),
                        new Ipv4Address(room.Address.Value | ((other | 0x0100_0000) & ~room.Mask.Value))
                    );
                    if (shared == 0)
                        b = new Ipv4Address(other | 0x0100_0000);
                    Assert.Null(mapping.ReasonAgainst([room]));
                    Assert.All(mapping.Candidates(a), c => Assert.True(prefix.Contains(c)));
                    if (a != b)
                        Assert.Empty(mapping.Candidates(a).Intersect(mapping.Candidates(b)));
                    Assert.Equal(mapping.Candidates(a).Distinct(), mapping.Candidates(a));
                }
            );

    [Fact]
    public void Neighbours_in_every_pool_differ() =>
        Gen.Select(_prefixes.Where(p => p.PrefixLength <= 96), Gen.UInt[0x0100_0000, 0xdfff_0000])
            .Sample(
                (prefix, first) =>
                {
                    var mapping = new Ipv6Mapping(prefix);
                    var all = Enumerable.Range(0, 600).Select(i => mapping.Of(new Ipv4Address(first + (uint)i)));
                    Assert.Equal(600, all.Distinct().Count());
                },
                iter: 200
            );

    [Theory]
    [InlineData("192.168.100.0/24", "192.168.0.0/16")]
    [InlineData("192.168.100.0/24", "10.0.0.0/8")]
    public void Growing_the_pool_changes_no_address(string before, string after)
    {
        // The mapping is told nothing of the pool, which is the point: only whether the pool fits.
        var mapping = new Ipv6Mapping(Ipv6Network.Parse("2001:db8:1250::/64"));
        Assert.Null(mapping.ReasonAgainst([Ipv4Network.Parse(before)]));
        Assert.Null(mapping.ReasonAgainst([Ipv4Network.Parse(before), Ipv4Network.Parse(after)]));
        Assert.Equal("2001:db8:1250::100:2", $"{mapping.Of(Ipv4Address.Parse("192.168.100.2"))}");
    }

    [Theory]
    [InlineData("2001:db8::/112", "192.168.0.0/16", null)]
    [InlineData("2001:db8::/112", "10.0.0.0/8", "/16")]
    [InlineData("2001:db8::/104", "10.0.0.0/8", null)]
    [InlineData("2001:db8::/97", "10.0.0.0/8", null)]
    public void A_prefix_is_too_small_for_a_pool_beyond_its_bits(string prefix, string pool, string? named)
    {
        var reason = new Ipv6Mapping(Ipv6Network.Parse(prefix)).ReasonAgainst([Ipv4Network.Parse(pool)]);
        if (named is null)
            Assert.Null(reason);
        else
            Assert.Contains($"{prefix} is too small for {pool}", reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Two_pools_that_share_low_bits_need_a_larger_prefix() =>
        Assert.NotNull(
            new Ipv6Mapping(Ipv6Network.Parse("2001:db8::/112")).ReasonAgainst([
                Ipv4Network.Parse("192.168.1.0/24"),
                Ipv4Network.Parse("10.0.1.0/24"),
            ])
        );

    [Fact]
    public void What_a_guest_makes_of_an_advertised_prefix_is_of_a_64_alone_and_collides_with_nothing_derived()
    {
        var mac = new MacAddress(0x02fc_c0a8_6402);
        var mapping = new Ipv6Mapping(Ipv6Network.Parse("2001:db8:1250::/64"));
        Assert.Equal(Ipv6Address.Parse("2001:db8:1250:0:fc:c0ff:fea8:6402"), mapping.OfAdvertised(mac));
        Assert.Null(new Ipv6Mapping(Ipv6Network.Parse("2001:db8:1250::/56")).OfAdvertised(mac));
        Gen.Select(Gen.UInt, Gen.UInt)
            .Sample(
                (one, other) =>
                    Assert.DoesNotContain(
                        mapping.OfAdvertised(new MacAddress(0x02fc_0000_0000UL | one))!.Value,
                        mapping.Candidates(new Ipv4Address(other))
                    )
            );
    }
}
