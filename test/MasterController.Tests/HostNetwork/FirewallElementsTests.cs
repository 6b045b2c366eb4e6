using MasterController.Core.HostNetwork;
using MasterController.Core.HostNetwork.Policies;
using MasterController.Linux.Addresses;
using MasterController.Linux.Nftables;
using Xunit;

namespace MasterController.Tests.HostNetwork;

public sealed class FirewallElementsTests
{
    [Theory]
    [InlineData("", "")]
    [InlineData("0.0.0.0! 10.0.0.0 11.0.0.0!", "10.0.0.0/8")]
    [InlineData("10.0.0.7 10.0.0.8!", "10.0.0.7")]
    [InlineData("11.0.0.0! 10.0.0.0 0.0.0.0!", "10.0.0.0/8")] // in whatever order
    [InlineData("10.0.0.0 10.128.0.0 11.0.0.0!", "10.0.0.0/9 10.128.0.0/9")] // beside each other
    [InlineData("10.0.0.0 10.128.0.0! 10.128.0.0 11.0.0.0!", "10.0.0.0/9 10.128.0.0/9")]
    [InlineData("0.0.0.0 1.0.0.0! 240.0.0.0", "0.0.0.0/8 240.0.0.0/4")] // to the end
    [InlineData("0.0.0.0", "0.0.0.0/0")]
    [InlineData("255.255.255.255", "255.255.255.255")]
    [InlineData("10.0.0.0 10.0.0.3!", "10.0.0.0-10.0.0.2")]
    [InlineData("10.0.0.1 10.0.0.3!", "10.0.0.1-10.0.0.2")]
    [InlineData(
        ":: 100::! fd00:ec2::254 fd00:ec2::255! fe80:: fec0::! ff00::",
        "::/8 fd00:ec2::254 fe80::/10 ff00::/8"
    )]
    [InlineData("::! 2001:db8:: 2001:db9::!", "2001:db8::/32")]
    [InlineData("::", "::/0")]
    [InlineData("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff")]
    [InlineData("2001:db8::1 2001:db8::3!", "2001:db8::1-2001:db8::2")]
    public void Intervals_are_written_as_nft_writes_them(string elements, string expected)
    {
        var read = elements
            .Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .Select(text => new NftElement(
                GuestAddresses.KeyOf(IpAddress.Parse(text.TrimEnd('!'))),
                Flags: text.EndsWith('!') ? 1u : 0
            ));

        Assert.Equal(expected, string.Join(' ', FirewallElements.Networks(read)));
    }
}
