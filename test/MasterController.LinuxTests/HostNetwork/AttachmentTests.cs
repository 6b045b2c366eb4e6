using MasterController.Core.HostNetwork;
using MasterController.Linux.Addresses;
using Xunit;

namespace MasterController.LinuxTests.HostNetwork;

public sealed class AttachmentTests
{
    private static readonly Attachment First = TestHost.At("192.168.100.2");
    private const string Tap = "fcc0a86402";

    [Fact]
    public async Task An_attachment_has_exactly_the_objects_that_it_should_have()
    {
        await using var host = await TestHost.StartAsync();
        await host.ApplyAsync(TestHost.Desired());
        await host.AttachAsync(First);

        var link = host.Host($"ip -d link show {Tap}");
        Assert.Contains("UP", link);
        Assert.Contains("group 26211", link);
        Assert.Contains("tun type tap pi off vnet_hdr on persist on user 4711", link);
        Assert.Equal("1", host.Host($"sysctl -n net.ipv6.conf.{Tap}.disable_ipv6").Trim());
        Assert.Contains("link/ether 02:fc:00:00:00:01", link);
        Assert.Equal(
            "192.168.100.2 dev fcc0a86402 scope link src 192.168.100.1 linkdown",
            host.Host("ip route show proto 252").Trim()
        );
        Assert.Equal(
            "192.168.100.2 dev fcc0a86402 lladdr 02:fc:c0:a8:64:02 PERMANENT",
            host.Host("ip neighbour show nud permanent").Trim()
        );
        foreach (
            var (setting, value) in new[]
            {
                ("conf", "proxy_arp=1"),
                ("conf", "forwarding=1"),
                ("conf", "rp_filter=1"),
                ("neigh", "proxy_delay=0"),
            }
        )
        {
            var parts = value.Split('=');
            Assert.Equal(parts[1], host.Host($"sysctl -n net.ipv4.{setting}.{Tap}.{parts[0]}").Trim());
        }
        Assert.Empty(host.Host($"ip -6 address show dev {Tap}"));
    }

    [Fact]
    public async Task Attaching_twice_changes_nothing()
    {
        await using var host = await TestHost.StartAsync();
        await host.ApplyAsync(TestHost.Desired());
        await host.AttachAsync(First);
        var before = host.Snapshot();

        await host.AttachAsync(First);

        Assert.Equal(before, host.Snapshot());
    }

    [Theory]
    [InlineData("ip link set fcc0a86402 down")]
    [InlineData("ip route delete 192.168.100.2/32")]
    [InlineData("ip route replace 192.168.100.2/32 dev up0")]
    [InlineData("ip route replace 192.168.100.2/32 dev fcc0a86402 proto 252 src 203.0.113.2")]
    [InlineData("ip neighbour delete 192.168.100.2 dev fcc0a86402")]
    [InlineData("ip neighbour replace 192.168.100.2 lladdr 02:00:00:00:00:01 dev fcc0a86402 nud permanent")]
    [InlineData("sysctl -q -w net.ipv4.conf.fcc0a86402.proxy_arp=0")]
    [InlineData("sysctl -q -w net.ipv4.conf.fcc0a86402.rp_filter=0")]
    [InlineData("sysctl -q -w net.ipv6.conf.fcc0a86402.disable_ipv6=0")]
    [InlineData("ip link set fcc0a86402 group 26212")] // as a deletion leaves it that was cut short
    [InlineData("ip link set fcc0a86402 address 02:00:00:00:00:01")]
    [InlineData("ip link delete fcc0a86402")]
    public async Task What_is_missing_or_wrong_is_mended_by_attach_and_by_apply(string damage)
    {
        await using var host = await TestHost.StartAsync();
        await host.ApplyAsync(TestHost.Desired());
        await host.AttachAsync(First);
        var before = host.Snapshot();

        host.Host(damage);
        Assert.NotEqual(before, host.Snapshot());
        await host.AttachAsync(First);
        Assert.Equal(before, host.Snapshot());

        host.Host(damage);
        Assert.NotEmpty(await host.ApplyAsync(TestHost.Desired(First)));
        Assert.Equal(before, host.Snapshot());
        Assert.Empty(await host.ApplyAsync(TestHost.Desired(First)));
    }

    [Fact]
    public async Task A_changed_owner_is_corrected()
    {
        await using var host = await TestHost.StartAsync();
        await host.ApplyAsync(TestHost.Desired());
        await host.AttachAsync(First);

        await host.AttachAsync(First with { OwnerUid = 4712 });
        Assert.Contains("user 4712", host.Host($"ip -d link show {Tap}"));

        var changes = await host.ApplyAsync(TestHost.Desired(First));
        Assert.Equal(["mended owner or mode of fcc0a86402 (192.168.100.2)"], changes);
        Assert.Contains("user 4711", host.Host($"ip -d link show {Tap}"));
    }

    [Fact]
    public async Task Detach_removes_everything_and_may_be_repeated()
    {
        await using var host = await TestHost.StartAsync();
        await host.ApplyAsync(TestHost.Desired());
        var before = host.Snapshot();
        await host.AttachAsync(First);

        await host.DetachAsync(First);
        Assert.Equal(before, host.Snapshot());
        await host.DetachAsync(First);
        Assert.Equal(before, host.Snapshot());
    }

    [Theory]
    [InlineData("ip tuntap add dev fcc0a86402 mode tap")]
    [InlineData("ip link add fcc0a86402 type veth peer name other")]
    public async Task An_interface_of_another_that_has_the_name_is_refused_and_left_alone(string foreign)
    {
        await using var host = await TestHost.StartAsync();
        await host.ApplyAsync(TestHost.Desired());
        host.Host(foreign);
        var before = host.Snapshot();

        var failure = await Assert.ThrowsAsync<HostNetworkException>(() => host.AttachAsync(First));
        Assert.Contains("fcc0a86402 is there that is not ours", failure.Message);
        await host.DetachAsync(First);
        await host.ApplyAsync(TestHost.Desired());

        Assert.Equal(before, host.Snapshot());
    }

    [Fact]
    public async Task A_refused_attachment_names_the_object_and_leaves_no_tap()
    {
        await using var host = await TestHost.StartAsync();
        await host.ApplyAsync(TestHost.Desired());
        var before = host.Snapshot();

        var stranger = new Attachment(First.Address, Ipv4Address.Parse("192.168.77.1"), 0);
        var failure = await Assert.ThrowsAsync<HostNetworkException>(() => host.AttachAsync(stranger));

        Assert.Contains("192.168.100.2 could not be attached: route of fcc0a86402: EINVAL", failure.Message);
        Assert.Equal(before, host.Snapshot());
    }

    [Fact]
    public async Task One_bad_attachment_of_a_batch_does_not_harm_the_others()
    {
        await using var host = await TestHost.StartAsync();
        await host.ApplyAsync(TestHost.Desired());

        var tasks = Enumerable
            .Range(2, 40)
            .Select(i => new Attachment(
                Ipv4Address.Parse($"192.168.100.{i}"),
                i == 20 ? Ipv4Address.Parse("192.168.77.1") : TestHost.Gateway,
                0
            ))
            .Select(host.AttachAsync)
            .ToArray();
        await Assert.ThrowsAsync<HostNetworkException>(() => Task.WhenAll(tasks));

        _ = Assert.Single(tasks, task => task.IsFaulted);
        Assert.Equal(39, host.Host("ip route show proto 252").Trim().Split('\n').Length);
    }

    [Fact]
    public async Task A_thousand_random_attaches_and_detaches_leave_the_kernel_as_it_was()
    {
        await using var host = await TestHost.StartAsync();
        await host.ApplyAsync(TestHost.Desired());
        host.Host("ip tuntap add dev foreign0 mode tap");
        host.Host("ip route add 198.51.100.0/24 via 203.0.113.1");
        var before = host.Snapshot();
        var random = new Random(20_261_122);

        var tasks = new List<Task>();
        for (var i = 0; i < 1000; i++)
        {
            var attachment = TestHost.At($"192.168.100.{random.Next(2, 255)}");
            tasks.Add(host.AttachAsync(attachment));
            tasks.Add(host.DetachAsync(attachment));
            if (random.Next(20) == 0)
                await Task.WhenAll(tasks);
        }
        await Task.WhenAll(tasks);

        Assert.Equal(before, host.Snapshot());
    }

    [Fact]
    public async Task An_opened_tap_that_does_not_exist_is_not_made()
    {
        await using var host = await TestHost.StartAsync();
        var before = host.Snapshot();

        await Assert.ThrowsAsync<HostNetworkException>(() => host.PlugInAsync(First));

        Assert.Equal(before, host.Snapshot());
    }
}
