using MasterController.Core.HostNetwork;
using MasterController.Linux.Addresses;
using Xunit;

namespace MasterController.LinuxTests.HostNetwork;

public sealed class SurveyTests
{
    private static readonly Ipv4Network Wide = Ipv4Network.Parse("192.168.0.0/16");
    private static readonly Ipv4Network Widest = Ipv4Network.Parse("10.0.0.0/8");
    private static readonly Ipv4Address WideGateway = Ipv4Address.Parse("192.168.0.1");
    private static readonly PoolNetwork Small = new(TestHost.Pool, [TestHost.Gateway], false);
    private static readonly PoolNetwork Grown = new(Wide, [WideGateway, TestHost.Gateway], false);
    private static readonly PoolNetwork Added = new(Widest, [Ipv4Address.Parse("10.0.0.1")], true);
    private static readonly Attachment First = TestHost.At("192.168.100.2");

    [Fact]
    public async Task A_new_host_is_told_all_that_would_be_made()
    {
        await using var host = await TestHost.StartAsync();
        var before = host.Snapshot();

        var survey = await SurveyAsync(host, Small);

        Assert.Equal(before, host.Snapshot());
        Assert.Equal(
            [
                ("sysctl", "switch IPv4 forwarding on", "sysctl -w net.ipv4.ip_forward=1"),
                ("address", "add gateway 192.168.100.1", "ip address add 192.168.100.1/32 dev lo label lo:fc"),
                ("nftables", "make the nftables table", "nft list table inet master_controller"),
            ],
            survey.Changes.Select(change => (change.Object, change.Text, change.Command))
        );
        Assert.Empty(survey.ForeignRules);
        Assert.Empty(survey.Overlaps);
        Assert.Empty(survey.Notices);
    }

    [Fact]
    public async Task What_is_announced_is_what_is_done_and_then_there_is_nothing_left()
    {
        await using var host = await TestHost.StartAsync();
        await host.ApplyAsync(TestHost.Desired(First));

        foreach (PoolNetwork[] step in new[] { [Grown], [Grown, Added], [Grown], new[] { Small } })
        {
            var before = host.Snapshot();
            var survey = await SurveyAsync(host, step);
            Assert.Equal(before, host.Snapshot());
            Assert.NotEmpty(survey.Changes);

            var done = await SetAsync(host, survey.ForeignRules, step);

            Assert.Equal(survey.Changes.Select(change => change.Done), done);
            Assert.Empty((await SurveyAsync(host, step)).Changes);
            Assert.Empty(await SetAsync(host, [], step));
        }
    }

    [Fact]
    public async Task Growth_names_each_gateway_and_element_and_no_route()
    {
        await using var host = await TestHost.StartAsync();
        await host.ApplyAsync(TestHost.Desired(First));

        var survey = await SurveyAsync(host, Grown);

        Assert.Equal(
            [
                "ip address add 192.168.0.1/32 dev lo label lo:fc",
                "nft add element inet master_controller pool_networks { 192.168.0.0/16 }",
                "nft delete element inet master_controller pool_networks { 192.168.100.0/24 }",
                "nft add element inet master_controller gateways { 192.168.0.1 }",
            ],
            survey.Changes.Select(change => change.Command)
        );
        Assert.Equal(
            [HostChangeKind.Add, HostChangeKind.Add, HostChangeKind.Remove, HostChangeKind.Add],
            survey.Changes.Select(change => change.Kind)
        );
    }

    [Fact]
    public async Task A_second_range_adds_to_every_set_that_it_belongs_to()
    {
        await using var host = await TestHost.StartAsync();
        await host.ApplyAsync(new DesiredNetwork([Grown], [First]));

        Assert.Equal(
            [
                "add gateway 10.0.0.1",
                "add 10.0.0.0/8 to the set pool_networks",
                "add 10.0.0.0/8 to the set vm_to_vm_networks",
                "add 10.0.0.1 to the set gateways",
            ],
            (await SurveyAsync(host, Grown, Added)).Changes.Select(change => change.Text)
        );
    }

    [Fact]
    public async Task A_route_that_goes_with_its_gateway_is_told()
    {
        await using var host = await TestHost.StartAsync();
        await host.ApplyAsync(TestHost.Desired(First));
        var bare = Grown with { Gateways = [WideGateway] };

        var survey = await SurveyAsync(host, bare);
        var route = Assert.Single(survey.Changes, change => change.Object == "route");
        Assert.Equal("remove the route to 192.168.100.2, which goes with its source 192.168.100.1", route.Text);

        Assert.Equal(survey.Changes.Select(change => change.Done), await SetAsync(host, [], bare));
        Assert.Empty(host.Host("ip route show proto 252"));
    }

    [Fact]
    public async Task A_damaged_table_is_announced_as_replaced()
    {
        await using var host = await TestHost.StartAsync();
        await host.ApplyAsync(TestHost.Desired(First));
        host.Host("nft insert rule inet master_controller guest_input accept");

        Assert.Equal(
            ["replace the nftables table"],
            (await SurveyAsync(host, Small)).Changes.Select(change => change.Text)
        );
    }

    [Fact]
    public async Task Networks_of_other_programs_are_named_once_each()
    {
        await using var host = await TestHost.StartAsync();
        await host.ApplyAsync(TestHost.Desired(First));
        Bridge(host, "docker0", "192.168.7.1/24");
        Bridge(host, "br-0123456789ab", "192.168.8.1/24");
        Bridge(host, "virbr0", "192.168.122.1/24");
        Bridge(host, "fcbr0", "192.168.100.254/24");
        host.Host("ip tuntap add dev wg0 mode tun");
        host.Host("ip address add 10.8.0.1/24 dev wg0");
        host.Host("ip link set wg0 up");
        host.Host("ip route add 10.9.0.0/16 dev wg0 table 51820");
        host.Host("ip address add 192.168.50.2/24 dev up0");
        host.Host("ip route add 172.16.0.0/12 via 203.0.113.1");

        var survey = await SurveyAsync(host, Grown, Added);

        Assert.Equal(
            [
                "10.0.0.0/8: 10.8.0.0/24 is address of wg0 (WireGuard)",
                "10.0.0.0/8: 10.9.0.0/16 is route through wg0 in table 51820 (WireGuard)",
                "192.168.0.0/16: 192.168.7.0/24 is address of docker0 (Docker)",
                "192.168.0.0/16: 192.168.8.0/24 is address of br-0123456789ab (Docker)",
                "192.168.0.0/16: 192.168.50.0/24 is address of up0 (the uplink's own network)",
                "192.168.0.0/16: 192.168.100.0/24 is address of fcbr0 (an older controller)",
                "192.168.0.0/16: 192.168.122.0/24 is address of virbr0 (libvirt)",
            ],
            survey.Overlaps.Select(overlap => $"{overlap.PoolNetwork}: {overlap.Other} is {overlap.What}")
        );
    }

    [Fact]
    public async Task Limits_that_so_many_vms_hit_are_told_with_the_fix()
    {
        await using var host = await TestHost.StartAsync();
        await host.ApplyAsync(TestHost.Desired(First));
        var limit = long.Parse(host.Host("sysctl -n net.netfilter.nf_conntrack_max").Trim());

        Assert.DoesNotContain(
            (await SurveyAsync(host, Small)).Limits,
            found => found.Name == "net.netfilter.nf_conntrack_max" && limit >= 253 * 64
        );
        var survey = await host.Network.SurveyAsync([Grown], 16_777_213, TestContext.Current.CancellationToken);

        var pids = Assert.Single(survey.Limits, found => found.Name == "kernel.pid_max");
        Assert.Equal(long.Parse(host.Host("sysctl -n kernel.pid_max").Trim()), pids.Value);
        Assert.True(pids.Needed > pids.Value);
    }

    [Fact]
    public async Task What_the_kernel_has_for_an_address_is_told_in_its_tools_words()
    {
        await using var host = await TestHost.StartAsync();
        await host.ApplyAsync(TestHost.Desired(First));

        var taken = await LookUpAsync(host, "192.168.100.2");
        Assert.Equal("192.168.100.2 dev fcc0a86402 proto 252 scope link src 192.168.100.1", taken.Route);
        Assert.Equal(
            host.Host("ip neighbour show dev fcc0a86402 nud permanent").Trim(),
            taken.Neighbour?.Replace(" dev fcc0a86402", "", StringComparison.Ordinal)
        );
        Assert.Equal(["element inet master_controller pool_networks { 192.168.100.0/24 }"], taken.Firewall);

        var gateway = await LookUpAsync(host, "192.168.100.1");
        Assert.Equal("local 192.168.100.1 dev lo proto kernel scope host src 192.168.100.1", gateway.Route);
        Assert.Equal(
            [
                "element inet master_controller gateways { 192.168.100.1 }",
                "element inet master_controller pool_networks { 192.168.100.0/24 }",
            ],
            gateway.Firewall
        );

        host.Host("ip route add 198.51.100.0/24 via 203.0.113.1 metric 7");
        Assert.Equal(
            "198.51.100.0/24 via 203.0.113.1 dev up0 proto boot metric 7",
            (await LookUpAsync(host, "198.51.100.7")).Route
        );

        var free = await LookUpAsync(host, "192.168.100.9");
        Assert.Null(free.Route);
        Assert.Null(free.Neighbour);
        Assert.Empty((await LookUpAsync(host, "198.51.100.7")).Firewall);
    }

    private static void Bridge(TestHost host, string name, string address)
    {
        host.Host($"ip link add {name} type bridge");
        host.Host($"ip address add {address} dev {name}");
        host.Host($"ip link set {name} up");
    }

    private static Task<HostSurvey> SurveyAsync(TestHost host, params PoolNetwork[] networks) =>
        host.Network.SurveyAsync(networks, 253, TestContext.Current.CancellationToken);

    private static Task<IReadOnlyList<string>> SetAsync(
        TestHost host,
        IReadOnlyList<ForeignRule> replaced,
        params PoolNetwork[] networks
    ) => host.Network.SetNetworksAsync(networks, replaced, TestContext.Current.CancellationToken);

    private static Task<KernelEntries> LookUpAsync(TestHost host, string address) =>
        host.Network.LookUpAsync(Ipv4Address.Parse(address), TestContext.Current.CancellationToken);
}
