using CsCheck;
using MasterController.Linux.Addresses;
using Xunit;

namespace MasterController.Tests.Addresses;

public sealed class Ipv6NetworkTests
{
    private static readonly Gen<Ipv6Network> Any = Gen.Select(
        Gen.ULong,
        Gen.ULong,
        Gen.Int[0, 128],
        (high, low, length) => Ipv6Network.Of(new(((UInt128)high << 64) | low), length)
    );

    [Theory]
    [InlineData("::/0", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff")]
    [InlineData("2001:db8:1250::/64", "2001:db8:1250:0:ffff:ffff:ffff:ffff")]
    [InlineData("2001:db8:1250::/112", "2001:db8:1250::ffff")]
    [InlineData("2001:db8::1/128", "2001:db8::1")]
    public void Knows_its_last_address(string text, string last)
    {
        var network = Ipv6Network.Parse(text);
        Assert.Equal(text, network.ToString());
        Assert.Equal(last, network.Last.ToString());
    }

    [Theory]
    [InlineData(null, "not an IPv6 prefix")]
    [InlineData("2001:db8::", "not an IPv6 prefix")]
    [InlineData("192.168.0.0/16", "not an IPv6 prefix")]
    [InlineData("fe80::%1/64", "not an IPv6 prefix")]
    [InlineData("2001:db8::/129", "prefix length")]
    [InlineData("2001:db8::/", "prefix length")]
    [InlineData("2001:db8::/064", "prefix length")]
    [InlineData("2001:db8::/-1", "prefix length")]
    [InlineData("2001:db8::/ 64", "prefix length")]
    [InlineData("2001:db8:1250::5/64", "2001:db8:1250::/64")]
    public void Says_what_is_wrong_with_a_text(string? text, string expected)
    {
        Assert.False(Ipv6Network.TryParse(text, out _, out var error));
        Assert.Contains(expected, error);
    }

    [Fact]
    public void Refuses_host_bits_and_wide_prefixes_when_built_from_parts()
    {
        Assert.Throws<ArgumentException>(() => new Ipv6Network(Ipv6Address.Parse("2001:db8::1"), 64));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Ipv6Network(default, 129));
    }

    [Fact]
    public void Any_network_survives_its_text_and_contains_its_bounds_and_nothing_beyond() =>
        Any.Sample(network =>
        {
            Assert.Equal(network, Ipv6Network.Parse(network.ToString()));
            Assert.True(network.Contains(network.Address));
            Assert.True(network.Contains(network.Last));
            if (network.Address.Value > 0)
                Assert.False(network.Contains(new Ipv6Address(network.Address.Value - 1)));
            if (network.Last.Value < UInt128.MaxValue)
                Assert.False(network.Contains(new Ipv6Address(network.Last.Value + 1)));
        });

    [Fact]
    public void Networks_overlap_where_one_contains_the_other_and_not_otherwise() =>
        Gen.Select(Any, Any, Gen.Int[0, 128])
            .Sample(
                (one, other, shared) =>
                {
                    // Two that were made apart hardly ever share a bit: half of them are made to.
                    var near = Ipv6Network.Of(one.Address, Math.Min(shared, one.PrefixLength));
                    Assert.True(near.Contains(one) && near.Overlaps(one) && one.Overlaps(near));
                    Assert.Equal(one.Overlaps(other), one.Contains(other) || other.Contains(one));
                    Assert.Equal(one.Overlaps(other), other.Overlaps(one));
                }
            );
}
