using MasterController.Linux.Addresses;
using Xunit;

namespace MasterController.Tests.Addresses;

public sealed class Ipv4NetworkTests
{
    [Theory]
    [InlineData("192.168.100.0/24", "192.168.100.255", "255.255.255.0", 256)]
    [InlineData("10.0.0.0/8", "10.255.255.255", "255.0.0.0", 1 << 24)]
    [InlineData("192.0.2.6/31", "192.0.2.7", "255.255.255.254", 2)]
    [InlineData("192.0.2.6/32", "192.0.2.6", "255.255.255.255", 1)]
    [InlineData("0.0.0.0/0", "255.255.255.255", "0.0.0.0", 1L << 32)]
    public void Knows_its_last_address_mask_and_size(string text, string last, string mask, long size)
    {
        var network = Ipv4Network.Parse(text);
        Assert.Equal(last, network.Last.ToString());
        Assert.Equal(mask, network.Mask.ToString());
        Assert.Equal(size, network.Size);
        Assert.Equal(text, network.ToString());
    }

    [Theory]
    [InlineData(null, "not an IPv4 network")]
    [InlineData("192.0.2.0", "not an IPv4 network")]
    [InlineData("2001:db8::/32", "not an IPv4 network")]
    [InlineData("192.168.0.1/123", "prefix length")]
    [InlineData("192.168.0.0/33", "prefix length")]
    [InlineData("192.168.0.0/", "prefix length")]
    [InlineData("192.168.0.0/08", "prefix length")]
    [InlineData("192.168.0.0/-1", "prefix length")]
    [InlineData("192.0.2.12/24", "192.0.2.0/24")]
    public void Says_what_is_wrong_with_a_text(string? text, string expected)
    {
        Assert.False(Ipv4Network.TryParse(text, out _, out var error));
        Assert.Contains(expected, error);
    }

    [Fact]
    public void Refuses_host_bits_and_wide_prefixes_when_built_from_parts()
    {
        Assert.Throws<ArgumentException>(() => new Ipv4Network(Ipv4Address.Parse("10.0.0.1"), 24));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Ipv4Network(Ipv4Address.Parse("10.0.0.0"), 33));
    }

    [Fact]
    public void Contains_its_bounds_and_nothing_beyond()
    {
        var network = Ipv4Network.Parse("192.168.1.0/24");
        Assert.True(network.Contains(Ipv4Address.Parse("192.168.1.0")));
        Assert.True(network.Contains(Ipv4Address.Parse("192.168.1.255")));
        Assert.False(network.Contains(Ipv4Address.Parse("192.168.0.255")));
        Assert.False(network.Contains(Ipv4Address.Parse("192.168.2.0")));
    }

    [Theory]
    [InlineData("10.0.0.0/20", "10.0.5.0/24", true)]
    [InlineData("10.0.5.0/24", "10.0.0.0/20", true)]
    [InlineData("10.0.0.0/25", "10.0.0.128/25", false)]
    [InlineData("0.0.0.0/0", "203.0.113.0/24", true)]
    public void Overlap_is_symmetric(string one, string other, bool expected)
    {
        Assert.Equal(expected, Ipv4Network.Parse(one).Overlaps(Ipv4Network.Parse(other)));
        Assert.Equal(expected, Ipv4Network.Parse(other).Overlaps(Ipv4Network.Parse(one)));
    }

    [Fact]
    public void Finds_the_network_that_an_address_lies_in() =>
        Assert.Equal("192.168.0.0/16", Ipv4Network.Of(Ipv4Address.Parse("192.168.7.9"), 16).ToString());
}
