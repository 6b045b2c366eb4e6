using MasterController.Core.HostNetwork;
using MasterController.Linux.Addresses;
using Xunit;

namespace MasterController.Tests.HostNetwork;

public class FirewallSetsTests
{
    [Fact]
    public void Networks_that_lie_in_others_or_are_there_twice_are_one_element()
    {
        var sets = new FirewallSets(
            [Network("10.0.0.0/16"), Network("10.0.5.0/24"), Network("10.0.0.0/16"), Network("10.9.0.1/32")],
            RefusedNetworks: [],
            Uplink: "eth0"
        );

        var pools = sets.All.Single(set => set.Name == "pool_networks").Elements;

        Assert.Equal(["10.0.0.0/16", "10.9.0.1"], pools.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Refused_networks_are_in_the_set_of_their_family()
    {
        var sets = new FirewallSets([], new HostNetworkOptions().Refused, Uplink: null).All.ToDictionary();

        Assert.Equal(["169.254.0.0/16"], sets["refused_networks"]);
        Assert.Equal(
            ["::/8", "fd00:ec2::254", "fe80::/10", "ff00::/8"],
            sets["refused_networks6"].Order(StringComparer.Ordinal)
        );
    }

    private static PoolNetwork Network(string cidr) => new(Ipv4Network.Parse(cidr), Gateways: [], AllowVmToVm: false);
}
