using MasterController.Core.HostNetwork;
using MasterController.Linux.Addresses;
using Xunit;

namespace MasterController.LinuxTests.HostNetwork;

public sealed class HostNetworkFactsTests
{
    private static readonly Ipv4Network Wide = Ipv4Network.Parse("192.168.0.0/16");

    [Fact]
    public async Task Networks_of_others_that_overlap_are_found_and_ours_are_not()
    {
        await using var host = await TestHost.StartAsync();
        await host.ApplyAsync(TestHost.Desired(TestHost.At("192.168.100.2")));
        host.Host("ip link add docker0 type bridge");
        host.Host("ip address add 192.168.7.1/24 dev docker0");
        host.Host("ip link set docker0 up");
        host.Host("ip route add 192.168.9.0/24 via 203.0.113.1");
        host.Host("ip route add blackhole 192.168.10.0/24");
        host.Host("ip route add 198.51.100.0/24 via 203.0.113.1");

        var facts = HostNetworkFacts.Read(host.Namespace.Path, [Wide]);

        Assert.Equal(
            [
                new NetworkOverlap(Wide, Ipv4Network.Parse("192.168.7.0/24"), "address of docker0 (Docker)"),
                new NetworkOverlap(Wide, Ipv4Network.Parse("192.168.9.0/24"), "route through up0"),
                new NetworkOverlap(Wide, Ipv4Network.Parse("192.168.10.0/24"), "route through no interface"),
            ],
            facts.Overlaps
        );
    }

    [Fact]
    public async Task A_foreign_chain_that_drops_forwarded_packets_is_named()
    {
        await using var host = await TestHost.StartAsync();
        await host.ApplyAsync(TestHost.Desired());
        Assert.Empty(HostNetworkFacts.Read(host.Namespace.Path, []).ForwardDropChains);

        host.Host("nft add table ip filter");
        host.Host("nft add chain ip filter FORWARD { type filter hook forward priority 0; policy drop; }");
        host.Host("nft add chain ip filter INPUT { type filter hook input priority 0; policy drop; }");

        Assert.Equal(["ip filter FORWARD"], HostNetworkFacts.Read(host.Namespace.Path, []).ForwardDropChains);
    }

    [Fact]
    public async Task Forwarding_and_the_kernels_tables_are_told()
    {
        await using var host = await TestHost.StartAsync();
        Assert.False(HostNetworkFacts.Read(host.Namespace.Path, []).Forwarding);
        await host.ApplyAsync(TestHost.Desired(TestHost.At("192.168.100.2"), TestHost.At("192.168.100.3")));

        var facts = HostNetworkFacts.Read(host.Namespace.Path, []);

        Assert.True(facts.Forwarding);
        Assert.Null(facts.TunProblem);
        Assert.Equal("up0", facts.Uplink);
        Assert.Null(facts.NftablesProblem);
        Assert.Equal(0, facts.ArpIgnore);
        Assert.Equal(0, facts.NeighbourEntries);
        Assert.True(facts.ConntrackMax > 0);
        Assert.Equal(3, facts.NeighbourThresholds?.Count);
    }

    [Fact]
    public async Task The_greater_arp_ignore_counts_and_permanent_neighbours_do_not()
    {
        await using var host = await TestHost.StartAsync();
        host.Host("sysctl -q -w net.ipv4.conf.default.arp_ignore=1");
        host.Host("ip neigh replace 203.0.113.77 lladdr 02:00:00:00:00:77 dev up0 nud permanent");
        var before = HostNetworkFacts.Read(host.Namespace.Path, []);
        host.Host("ip neigh replace 203.0.113.78 lladdr 02:00:00:00:00:78 dev up0 nud reachable");

        Assert.Equal(1, before.ArpIgnore);
        Assert.Equal(before.NeighbourEntries + 1, HostNetworkFacts.Read(host.Namespace.Path, []).NeighbourEntries);
    }
}
