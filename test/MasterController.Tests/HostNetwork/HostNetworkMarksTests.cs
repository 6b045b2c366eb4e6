using MasterController.Core.HostNetwork;
using MasterController.Linux.Addresses;
using Xunit;

namespace MasterController.Tests.HostNetwork;

public sealed class HostNetworkMarksTests
{
    [Theory]
    [InlineData("0.0.0.0")]
    [InlineData("10.0.0.2")]
    [InlineData("192.168.100.2")]
    [InlineData("255.255.255.255")]
    public void A_taps_name_gives_back_its_address(string text)
    {
        var address = Ipv4Address.Parse(text);

        Assert.True(HostNetworkMarks.TryReadTapName(new Attachment(address, null, 0).TapName, out var read));
        Assert.Equal(address, read);
    }

    [Theory]
    [InlineData("fcbr0")]
    [InlineData("fc-1234567")]
    [InlineData("fcC0A86402")]
    [InlineData("fcc0a8640")]
    [InlineData("fcc0a864022")]
    [InlineData("fd0a000002")]
    [InlineData("fc 0a86402")]
    [InlineData("fc+0a86402")]
    [InlineData("")]
    public void Other_names_are_not_ours(string name)
    {
        Assert.False(HostNetworkMarks.TryReadTapName(name, out _));
    }
}
