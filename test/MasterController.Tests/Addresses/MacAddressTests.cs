using MasterController.Linux.Addresses;
using Xunit;

namespace MasterController.Tests.Addresses;

public sealed class MacAddressTests
{
    [Theory]
    [InlineData("02:fc:c0:a8:64:02")]
    [InlineData("00:00:00:00:00:00")]
    [InlineData("ff:ff:ff:ff:ff:ff")]
    public void What_is_written_is_read(string text)
    {
        Assert.True(MacAddress.TryParse(text, out var address));
        Assert.Equal(text, address.ToString());
        Assert.True(MacAddress.TryParse(text.ToUpperInvariant(), out var upper));
        Assert.Equal(address, upper);
    }

    [Theory]
    [InlineData("")]
    [InlineData("02:fc:c0:a8:64")]
    [InlineData("02:fc:c0:a8:64:02:03")]
    [InlineData("02-fc-c0-a8-64-02")]
    [InlineData("02:fc:c0:a8:64:0g")]
    [InlineData("02:fc:c0:a8:64: 2")]
    public void What_is_none_is_refused(string text) => Assert.False(MacAddress.TryParse(text, out _));
}
