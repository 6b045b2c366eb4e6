using MasterController.Core.Hypervisors;
using MasterController.Linux.Addresses;
using Xunit;

namespace MasterController.Tests.Hypervisors;

public sealed class HypervisorUserTests
{
    [Theory]
    [InlineData("192.168.100.2", 0x70a8_6402)]
    [InlineData("10.0.0.2", 0x7a00_0002)]
    [InlineData("172.31.255.254", 0x7c1f_fffe)]
    [InlineData("100.64.0.1", 0x7440_0001)]
    public void It_comes_from_the_address(string address, uint uid) =>
        Assert.Equal(uid, HypervisorUser.Of(Ipv4Address.Parse(address)));

    [Fact]
    public void No_two_private_blocks_share_one()
    {
        string[] blocks = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10"];
        var users = blocks
            .Select(Ipv4Network.Parse)
            .Select(block => (First: HypervisorUser.Of(block.Address), Last: HypervisorUser.Of(block.Last), block.Size))
            .OrderBy(range => range.First)
            .ToList();

        Assert.All(users, range => Assert.Equal(range.Size, (long)range.Last - range.First + 1));
        Assert.All(users.Zip(users.Skip(1)), pair => Assert.True(pair.First.Last < pair.Second.First));
        Assert.All(users, range => Assert.InRange(range.Last, 1_879_048_192U, 2_147_483_647U));
    }
}
