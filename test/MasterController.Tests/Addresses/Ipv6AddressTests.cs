using System.Net;
using CsCheck;
using MasterController.Linux.Addresses;
using Xunit;

namespace MasterController.Tests.Addresses;

public sealed class Ipv6AddressTests
{
    private static readonly Gen<Ipv6Address> Any = Gen.Select(Gen.ULong, Gen.ULong, (high, low) => Of(high, low));

    [Theory]
    [InlineData("::", "::")]
    [InlineData("::1", "::1")]
    [InlineData("2001:DB8:0:0:0:0:0:1", "2001:db8::1")]
    [InlineData("2001:db8:1250::192.168.100.2", "2001:db8:1250::c0a8:6402")]
    [InlineData("fe80:0:0:0:fc:c0ff:fea8:6402", "fe80::fc:c0ff:fea8:6402")]
    public void Reads_every_form_and_writes_the_canonical_one(string text, string canonical)
    {
        Assert.True(Ipv6Address.TryParse(text, out var address));
        Assert.Equal(canonical, address.ToString());
        Assert.Equal(canonical, $"{address}");
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("192.168.100.2")]
    [InlineData("fe80::1%eth0")]
    [InlineData("[2001:db8::1]")]
    [InlineData("2001:db8::1::2")]
    [InlineData("2001:db8:1250:0:0:0:0:0:1")]
    [InlineData("2001:db8::12345")]
    [InlineData("2001:db8::/64")]
    [InlineData(" ::1")]
    public void Refuses_what_is_no_address(string? text) => Assert.False(Ipv6Address.TryParse(text, out _));

    [Fact]
    public void Any_address_survives_text_bytes_and_the_frameworks_form() =>
        Any.Sample(address =>
        {
            var bytes = new byte[16];
            address.WriteBytes(bytes);
            Assert.Equal(address, Ipv6Address.Parse(address.ToString()));
            Assert.Equal(address, Ipv6Address.FromBytes(bytes));
            Assert.Equal(address, Ipv6Address.From(address.ToIPAddress()));
            Assert.Equal(new IPAddress(bytes).ToString(), address.ToString());
        });

    [Fact]
    public void Order_is_numeric() =>
        Gen.Select(Any, Any)
            .Sample((one, other) => Assert.Equal(one.Value.CompareTo(other.Value), one.CompareTo(other)));

    private static Ipv6Address Of(ulong high, ulong low) => new(((UInt128)high << 64) | low);
}
