using MasterController.Core.HostNetwork;
using MasterController.Linux.Addresses;
using Xunit;

namespace MasterController.LinuxTests.HostNetwork;

public sealed class ApplyTests
{
    private static readonly Attachment[] Three =
    [
        TestHost.At("192.168.100.2"),
        TestHost.At("192.168.100.3"),
        TestHost.At("192.168.100.4"),
    ];

    [Fact]
    public async Task It_says_what_it_changed_and_the_second_time_changes_nothing()
    {
        await using var host = await TestHost.StartAsync();

        var changes = await host.ApplyAsync(TestHost.Desired(Three));
        Assert.Equal(
            [
                "switched IPv4 forwarding on",
                "added gateway 192.168.100.1",
                "made the nftables table",
                "attached 192.168.100.2 through fcc0a86402",
                "attached 192.168.100.3 through fcc0a86403",
                "attached 192.168.100.4 through fcc0a86404",
            ],
            changes
        );
        var before = host.Snapshot();

        Assert.Empty(await host.ApplyAsync(TestHost.Desired(Three)));
        Assert.Equal(before, host.Snapshot());
    }

    [Fact]
    public async Task Another_process_finds_nothing_to_change_either()
    {
        await using var host = await TestHost.StartAsync();
        await host.ApplyAsync(TestHost.Desired(Three));

        await using var second = await host.OpenAsync();

        Assert.Empty(await second.ApplyAsync(TestHost.Desired(Three), TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("nft flush ruleset")]
    [InlineData("nft delete table inet master_controller")]
    [InlineData("nft flush table inet master_controller")]
    [InlineData("nft flush chain inet master_controller guest_prerouting")]
    [InlineData("nft flush set inet master_controller pool_networks")]
    [InlineData("nft add element inet master_controller vm_to_vm_networks { 192.168.100.0/24 }")]
    [InlineData("nft insert rule inet master_controller guest_input accept")]
    [InlineData("nft add chain inet master_controller extra { type filter hook input priority 5; }")]
    [InlineData("sysctl -q -w net.ipv4.ip_forward=0")]
    [InlineData("ip address delete 192.168.100.1/32 dev lo")]
    [InlineData("ip link set lo down")]
    public async Task What_others_broke_is_mended(string damage)
    {
        await using var host = await TestHost.StartAsync();
        await host.ApplyAsync(TestHost.Desired(Three));
        var before = host.Snapshot();

        host.Host(damage);
        Assert.NotEqual(before, host.Snapshot());
        Assert.NotEmpty(await host.ApplyAsync(TestHost.Desired(Three)));

        Assert.Equal(before, host.Snapshot());
        Assert.Empty(await host.ApplyAsync(TestHost.Desired(Three)));
    }

    [Fact]
    public async Task Orphans_of_ours_go_and_what_is_not_ours_stays()
    {
        await using var host = await TestHost.StartAsync();
        host.Host("ip tuntap add dev fcabc mode tap");
        host.Host("ip tuntap add dev fcc0a864c8 mode tap"); // our name, not our group
        host.Host("ip link add fcbr0 type bridge");
        host.Host("ip route add 198.51.100.0/24 via 203.0.113.1");
        host.Host("ip address add 192.168.77.1/32 dev lo");
        host.Host("nft add table inet foreign");
        host.Host("nft add chain inet foreign input { type filter hook input priority 0; }");
        host.Host("nft add rule inet foreign input tcp dport 22 accept");
        await host.ApplyAsync(TestHost.Desired(Three[0]));
        var before = host.Snapshot();

        await host.ApplyAsync(TestHost.Desired(Three));
        host.Host("ip route add 192.168.100.99 dev up0 proto 252");
        host.Host("ip neighbour add 192.168.100.98 lladdr 02:00:00:00:00:01 dev fcc0a86402 nud permanent");
        var changes = await host.ApplyAsync(TestHost.Desired(Three[0]));

        Assert.Equal(
            [
                "removed the route to 192.168.100.3",
                "removed the route to 192.168.100.4",
                "removed the route to 192.168.100.99",
                "removed the neighbour entry of 192.168.100.98",
                "removed fcc0a86403, which no attachment uses",
                "removed fcc0a86404, which no attachment uses",
            ],
            changes
        );
        Assert.Equal(before, host.Snapshot());
    }

    [Fact]
    public async Task A_grown_pool_moves_sets_gateways_and_routes_without_a_new_table()
    {
        await using var host = await TestHost.StartAsync();
        await host.ApplyAsync(TestHost.Desired(Three));
        var old = TestHost.Gateway;
        var grown = Ipv4Address.Parse("192.168.0.1");
        var network = Ipv4Network.Parse("192.168.0.0/16");
        Attachment[] moved = [.. Three.Select(attachment => attachment with { Gateway = grown })];

        var changes = await host.ApplyAsync(new DesiredNetwork([new PoolNetwork(network, [grown, old], false)], Three));
        Assert.Equal(
            [
                "added gateway 192.168.0.1",
                "added 192.168.0.0/16 to the set pool_networks",
                "removed 192.168.100.0/24 from the set pool_networks",
                "added 192.168.0.1 to the set gateways",
            ],
            changes
        );

        changes = await host.ApplyAsync(new DesiredNetwork([new PoolNetwork(network, [grown], false)], moved));
        Assert.Equal(
            [
                "removed 192.168.100.1 from the set gateways",
                "mended route of fcc0a86402 (192.168.100.2)",
                "mended route of fcc0a86403 (192.168.100.3)",
                "mended route of fcc0a86404 (192.168.100.4)",
                "removed gateway 192.168.100.1",
            ],
            changes
        );
        Assert.Equal(3, host.Host("ip route show proto 252 src 192.168.0.1").Trim().Split('\n').Length);
    }

    [Fact]
    public async Task Without_a_default_route_nothing_is_masqueraded()
    {
        await using var host = await TestHost.StartAsync(uplink: false);
        await host.ApplyAsync(TestHost.Desired(Three));

        Assert.Null(host.Network.Uplink);
        Assert.DoesNotContain("elements", host.Host("nft list set inet master_controller uplinks"));
    }

    [Fact]
    public async Task The_uplink_is_followed_when_the_default_route_moves()
    {
        await using var host = await TestHost.StartAsync();
        await host.ApplyAsync(TestHost.Desired());
        Assert.Equal("up0", host.Network.Uplink);

        host.Host("ip link add up1 type veth peer name far1");
        host.Host("ip link set up1 up");
        host.Host("ip route replace default dev up1");
        var changes = await host.ApplyAsync(TestHost.Desired());

        Assert.Equal("up1", host.Network.Uplink);
        Assert.Equal(["added up1 to the set uplinks", "removed up0 from the set uplinks"], changes);
    }

    [Fact]
    public async Task Many_changes_of_one_sort_are_counted()
    {
        await using var host = await TestHost.StartAsync();
        Attachment[] many = [.. Enumerable.Range(2, 253).Select(i => TestHost.At($"192.168.100.{i}"))];

        var changes = await host.ApplyAsync(TestHost.Desired(many));

        Assert.Contains("attached: 233 more", changes);
        Assert.Equal(253, host.Host("ip route show proto 252").Trim().Split('\n').Length);
    }

    [Fact]
    public async Task A_refused_attachment_does_not_stop_the_others()
    {
        await using var host = await TestHost.StartAsync();
        host.Host("ip tuntap add dev fcc0a86403 mode tap");

        var failure = await Assert.ThrowsAsync<HostNetworkException>(() => host.ApplyAsync(TestHost.Desired(Three)));

        Assert.Contains("192.168.100.3", failure.Message);
        Assert.Equal(2, host.Host("ip route show proto 252").Trim().Split('\n').Length);
    }
}
