using MasterController.Core.HostNetwork;
using MasterController.Linux.Addresses;
using Xunit;

namespace MasterController.LinuxTests.HostNetwork.Bridges;

public sealed class BridgeAttachmentTests
{
    private const string Tap = "fcc0a86402";
    private static readonly Attachment First = TestHost.OnBridge("192.168.100.2");
    private static readonly Attachment Second = TestHost.OnBridge("192.168.100.3");

    [Fact]
    public async Task An_attachment_has_exactly_the_objects_that_it_should_have()
    {
        await using var host = await StartAsync();
        await host.AttachAsync(First);

        var bridge = host.Host("ip -d link show fcbr0");
        Assert.Contains("UP", bridge);
        Assert.Contains("group 26211", bridge);
        Assert.Contains("link/ether 02:fc:00:00:00:01", bridge);
        Assert.Contains("stp_state 0", bridge);
        Assert.Contains("mcast_snooping 0", bridge);
        Assert.Contains("inet 192.168.100.1/24 scope global fcbr0:fc", host.Host("ip address show fcbr0"));
        Assert.Equal("1", host.Host("sysctl -n net.ipv6.conf.fcbr0.disable_ipv6").Trim());
        var link = host.Host($"ip -d link show {Tap}");
        Assert.Contains("master fcbr0", link);
        Assert.Contains("group 26211", link);
        Assert.Contains("vnet_hdr on persist on user 4711", link);
        Assert.Contains("learning off flood off", link);
        Assert.Contains("isolated on", link);
        Assert.Equal("1", host.Host($"sysctl -n net.ipv6.conf.{Tap}.disable_ipv6").Trim());
        Assert.Contains($"02:fc:c0:a8:64:02 dev {Tap} master fcbr0 static", host.Host("bridge fdb show"));
        Assert.Equal(
            "192.168.100.2 dev fcbr0 lladdr 02:fc:c0:a8:64:02 PERMANENT",
            host.Host("ip neighbour show nud permanent").Trim()
        );
        Assert.Empty(host.Host("ip route show proto 252"));
        Assert.Contains(
            $"\"{Tap}\" . 02:fc:c0:a8:64:02 . 192.168.100.2",
            host.Host("nft list set bridge master_controller guests")
        );
        Assert.DoesNotContain(Tap, host.Host("nft list set bridge master_controller open_ports"));
    }

    [Fact]
    public async Task Attaching_and_applying_twice_change_nothing()
    {
        await using var host = await StartAsync();
        await host.AttachAsync(First);
        var before = host.Snapshot();

        await host.AttachAsync(First);
        Assert.Equal(before, host.Snapshot());
        Assert.Empty(await host.ApplyAsync(Desired(First)));
        Assert.Equal(before, host.Snapshot());
    }

    [Fact]
    public async Task What_is_announced_is_what_is_done_and_what_is_done_is_said()
    {
        await using var host = await TestHost.StartAsync();
        await host.ApplyAsync(new DesiredNetwork([], []));

        var survey = await host.Network.SurveyAsync([TestHost.Bridged()], 253, TestContext.Current.CancellationToken);
        var changes = await host.ApplyAsync(Desired(First));

        Assert.Equal(
            [
                "add the bridge fcbr0",
                "add gateway 192.168.100.1/24 on fcbr0",
                "add 192.168.100.0/24 to the set pool_networks",
                "add 192.168.100.1 to the set gateways",
                "make the nftables table bridge master_controller",
            ],
            survey.Changes.Select(change => change.Text)
        );
        Assert.Equal("ip address add 192.168.100.1/24 dev fcbr0 label fcbr0:fc", survey.Changes[1].Command);
        Assert.Empty(survey.Overlaps);
        Assert.Equal(
            [
                "added the bridge fcbr0",
                "added gateway 192.168.100.1/24 on fcbr0",
                "added 192.168.100.0/24 to the set pool_networks",
                "added 192.168.100.1 to the set gateways",
                "made the nftables table bridge master_controller",
                $"attached 192.168.100.2 through {Tap}",
            ],
            changes
        );
        var again = await host.Network.SurveyAsync([TestHost.Bridged()], 253, TestContext.Current.CancellationToken);
        Assert.Empty(again.Changes);
        Assert.Empty(again.Overlaps);
    }

    [Theory]
    [InlineData($"ip link set {Tap} down")]
    [InlineData($"ip link set {Tap} nomaster")]
    [InlineData($"ip link set {Tap} group 26212")]
    [InlineData($"ip link set {Tap} address 02:00:00:00:00:01")]
    [InlineData($"ip link delete {Tap}")]
    [InlineData($"bridge link set dev {Tap} isolated off")]
    [InlineData($"bridge link set dev {Tap} learning on flood on")]
    [InlineData($"bridge fdb delete 02:fc:c0:a8:64:02 dev {Tap} master")]
    [InlineData($"bridge fdb replace 02:fc:c0:a8:64:02 dev fcc0a86403 master static")]
    [InlineData("ip neighbour delete 192.168.100.2 dev fcbr0")]
    [InlineData("ip neighbour replace 192.168.100.2 lladdr 02:00:00:00:00:01 dev fcbr0 nud permanent")]
    [InlineData($"nft delete element bridge master_controller guests {{ {Tap} . 02:fc:c0:a8:64:02 . 192.168.100.2 }}")]
    [InlineData($"nft add element bridge master_controller open_ports {{ {Tap} }}")]
    [InlineData($"bridge fdb add 02:00:00:00:00:05 dev {Tap} master static")]
    [InlineData("nft add element bridge master_controller guests { lan0 . 02:00:00:00:00:05 . 192.168.100.9 }")]
    [InlineData("nft delete table bridge master_controller")]
    [InlineData("nft flush ruleset")]
    [InlineData("nft flush chain bridge master_controller from_guest")]
    [InlineData("nft insert rule bridge master_controller from_guest accept")]
    [InlineData("ip link set fcbr0 down")]
    [InlineData("ip address delete 192.168.100.1/24 dev fcbr0")]
    [InlineData("sysctl -q -w net.ipv4.conf.fcbr0.proxy_arp=0")]
    [InlineData("sysctl -q -w net.ipv6.conf.fcbr0.disable_ipv6=0")]
    [InlineData("ip link delete fcbr0")]
    public async Task What_is_missing_or_wrong_is_mended(string damage)
    {
        await using var host = await StartAsync();
        await host.AttachAsync(First);
        await host.AttachAsync(Second);
        var before = host.Snapshot();

        host.Host(damage);
        Assert.NotEqual(before, host.Snapshot());
        Assert.NotEmpty(await host.ApplyAsync(Desired(First, Second)));

        Assert.Equal(before, host.Snapshot());
        Assert.Empty(await host.ApplyAsync(Desired(First, Second)));
    }

    [Fact]
    public async Task Detach_removes_everything_and_may_be_repeated()
    {
        await using var host = await StartAsync();
        await host.AttachAsync(Second);
        var before = host.Snapshot();
        await host.AttachAsync(First);

        await host.DetachAsync(First);
        Assert.Equal(before, host.Snapshot());
        await host.DetachAsync(First);
        Assert.Equal(before, host.Snapshot());
    }

    [Fact]
    public async Task Orphans_go_with_all_that_they_had()
    {
        await using var host = await StartAsync();
        await host.AttachAsync(First);
        var before = host.Snapshot();
        await host.AttachAsync(Second);

        var changes = await host.ApplyAsync(Desired(First));

        Assert.Contains("removed fcc0a86403, which no attachment uses", changes);
        Assert.Contains("removed the neighbour entry of 192.168.100.3", changes);
        Assert.Contains("removed fcc0a86403 . 02:fc:c0:a8:64:03 . 192.168.100.3 from the set guests", changes);
        Assert.Equal(before, host.Snapshot());
    }

    [Fact]
    public async Task An_attachment_that_was_routed_is_moved_to_the_bridge_and_back()
    {
        await using var host = await TestHost.StartAsync();
        var routed = First with { Mode = NetworkMode.Routed };
        await host.ApplyAsync(TestHost.Desired(routed));
        var before = host.Snapshot();

        await host.ApplyAsync(Desired(First));
        Assert.Empty(host.Host("ip route show proto 252"));
        Assert.Contains("master fcbr0", host.Host($"ip link show {Tap}"));
        Assert.Empty(await host.ApplyAsync(Desired(First)));

        await host.ApplyAsync(TestHost.Desired(routed));
        Assert.Equal(before, host.Snapshot());
    }

    [Fact]
    public async Task The_bridge_goes_with_its_last_pool_and_leaves_the_host_as_it_was()
    {
        await using var host = await TestHost.StartAsync();
        await host.ApplyAsync(TestHost.Desired());
        var before = host.Snapshot();
        var other = new PoolNetwork(
            Ipv4Network.Parse("192.168.200.0/24"),
            [Ipv4Address.Parse("192.168.200.1")],
            AllowVmToVm: false
        )
        {
            Mode = NetworkMode.Bridge,
        };
        PoolNetwork[] routedAlone = [new(TestHost.Pool, [TestHost.Gateway], false)];
        await SetAsync(host, [.. routedAlone, other]);
        Assert.NotEqual(before, host.Snapshot());

        var survey = await host.Network.SurveyAsync(routedAlone, 253, TestContext.Current.CancellationToken);
        var changes = await SetAsync(host, routedAlone);

        Assert.Equal(
            [
                "removed 192.168.200.0/24 from the set pool_networks",
                "removed 192.168.200.1 from the set gateways",
                "removed the nftables table bridge master_controller",
                "removed gateway 192.168.200.1/24 on fcbr0",
                "removed the bridge fcbr0",
            ],
            changes
        );
        Assert.Equal(changes.Count, survey.Changes.Count);
        Assert.Equal(before, host.Snapshot());
    }

    [Theory]
    [InlineData("ip link add fcbr0 type bridge")]
    [InlineData("ip tuntap add dev fcbr0 mode tap")]
    public async Task A_bridge_of_somebody_else_is_left_alone_and_said_to_be_in_the_way(string foreign)
    {
        await using var host = await TestHost.StartAsync();
        host.Host(foreign);
        host.Host("ip address add 192.168.77.1/24 dev fcbr0");
        var before = host.Host("ip -d address show dev fcbr0");

        await host.ApplyAsync(Desired());
        var failure = await Assert.ThrowsAsync<HostNetworkException>(() => host.AttachAsync(First));

        Assert.Contains("fcbr0 is here and is not ours: adopt it with \"mctl net adopt\"", failure.Message);
        Assert.Equal(before, host.Host("ip -d address show dev fcbr0"));
        Assert.DoesNotContain(Tap, host.Host("ip link show"));
        var survey = await host.Network.SurveyAsync([TestHost.Bridged()], 1, TestContext.Current.CancellationToken);
        Assert.Contains(survey.Notices, notice => notice.StartsWith("fcbr0 is here and is not ours"));
    }

    [Fact]
    public async Task The_port_beyond_1023_is_refused_by_name_and_leaves_nothing()
    {
        await using var host = await StartAsync();
        var batch = Path.Combine(Path.GetTempPath(), $"ports-{Guid.NewGuid():N}");
        await File.WriteAllLinesAsync(
            batch,
            Enumerable
                .Range(0, 1_022)
                .SelectMany(i => new[] { $"tuntap add dev t{i} mode tap", $"link set dev t{i} master fcbr0" }),
            TestContext.Current.CancellationToken
        );
        host.Host($"ip -batch {batch}");
        File.Delete(batch);
        await host.AttachAsync(First);
        var before = host.Snapshot();

        var failure = await Assert.ThrowsAsync<HostNetworkException>(() => host.AttachAsync(Second));

        Assert.Equal(
            "192.168.100.3 could not be attached: fcbr0 has 1,023 ports and takes no more; pools in routed mode have no such limit (EXFULL (Exchange full))",
            failure.Message
        );
        Assert.Equal(before, host.Snapshot());
    }

    [Fact]
    public async Task Many_at_once_are_attached_and_detached_and_leave_the_kernel_as_it_was()
    {
        await using var host = await StartAsync();
        var before = host.Snapshot();
        var many = Enumerable.Range(2, 250).Select(i => TestHost.OnBridge($"192.168.100.{i}")).ToArray();

        await Task.WhenAll(many.Select(host.AttachAsync));
        Assert.Empty(await host.ApplyAsync(Desired(many)));
        await Task.WhenAll(many.Select(host.DetachAsync));

        Assert.Equal(before, host.Snapshot());
    }

    [Fact]
    public async Task What_the_kernel_has_for_a_guest_is_looked_up()
    {
        await using var host = await StartAsync();
        await host.AttachAsync(First);

        var entries = await host.Network.LookUpAsync(First.Address, TestContext.Current.CancellationToken);

        Assert.Equal("192.168.100.0/24 dev fcbr0 proto kernel scope link src 192.168.100.1", entries.Route);
        Assert.Equal("192.168.100.2 dev fcbr0 lladdr 02:fc:c0:a8:64:02 PERMANENT", entries.Neighbour);
        Assert.Contains(
            $"element bridge master_controller guests {{ {Tap} . 02:fc:c0:a8:64:02 . 192.168.100.2 }}",
            entries.Firewall
        );
    }

    private static DesiredNetwork Desired(params Attachment[] attachments) => new([TestHost.Bridged()], attachments);

    private static Task<IReadOnlyList<string>> SetAsync(TestHost host, IReadOnlyList<PoolNetwork> networks) =>
        host.Network.SetNetworksAsync(networks, replaced: [], TestContext.Current.CancellationToken);

    private static async Task<TestHost> StartAsync()
    {
        var host = await TestHost.StartAsync();
        await host.ApplyAsync(Desired());
        return host;
    }
}
