using MasterController.Linux.Addresses;
using Xunit;

namespace MasterController.Tests.Addresses;

public sealed class Ipv4AddressTests
{
    [Theory]
    [InlineData("0.0.0.0", 0u)]
    [InlineData("192.168.100.2", 0xC0A86402u)]
    [InlineData("255.255.255.255", 0xFFFFFFFFu)]
    public void Reads_and_writes_dotted_decimal(string text, uint value)
    {
        Assert.True(Ipv4Address.TryParse(text, out var address));
        Assert.Equal(value, address.Value);
        Assert.Equal(text, address.ToString());
        Assert.Equal(text, $"{address}");
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("1.2.3")]
    [InlineData("1.2.3.4.5")]
    [InlineData("1.2.3.")]
    [InlineData(".1.2.3")]
    [InlineData("1..2.3")]
    [InlineData("256.1.1.1")]
    [InlineData("1.1.1.1000")]
    [InlineData("01.1.1.1")]
    [InlineData("1.1.1.1 ")]
    [InlineData("+1.1.1.1")]
    [InlineData("0x1.1.1.1")]
    [InlineData("fe80::1")]
    [InlineData("::ffff:1.2.3.4")]
    public void Refuses_what_is_not_four_plain_numbers(string? text) => Assert.False(Ipv4Address.TryParse(text, out _));

    [Fact]
    public void Vector_9_the_next_address_carries_over_octets()
    {
        Assert.True(Ipv4Address.Parse("192.168.255.255").TryNext(out var next));
        Assert.Equal("192.169.0.0", next.ToString());
    }

    [Fact]
    public void Vector_9_there_is_none_after_the_highest() =>
        Assert.False(Ipv4Address.Parse("255.255.255.255").TryNext(out _));

    [Fact]
    public void Bytes_are_in_network_order()
    {
        var bytes = new byte[4];
        Ipv4Address.Parse("10.1.2.3").WriteBytes(bytes);
        Assert.Equal([10, 1, 2, 3], bytes);
        Assert.Equal("10.1.2.3", Ipv4Address.FromBytes(bytes).ToString());
        Assert.Equal("10.1.2.3", Ipv4Address.Parse("10.1.2.3").ToIPAddress().ToString());
    }

    [Fact]
    public void Order_is_numeric()
    {
        var low = Ipv4Address.Parse("9.255.255.255");
        var high = Ipv4Address.Parse("128.0.0.0");
        Assert.True(low < high && high > low && low <= high && high >= low);
        Assert.True(low.CompareTo(high) < 0);
    }

    [Fact]
    public void A_mac_address_reads_and_writes_its_six_bytes()
    {
        var mac = new MacAddress(0x02fc_c0a8_6402);
        var bytes = new byte[6];
        mac.WriteBytes(bytes);
        Assert.Equal([0x02, 0xfc, 0xc0, 0xa8, 0x64, 0x02], bytes);
        Assert.Equal(mac, MacAddress.FromBytes(bytes));
        Assert.Equal("02:fc:c0:a8:64:02", mac.ToString());
    }
}
