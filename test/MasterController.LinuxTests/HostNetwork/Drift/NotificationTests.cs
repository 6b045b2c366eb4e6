using MasterController.Core.HostNetwork;
using MasterController.Core.HostNetwork.Drift;
using MasterController.Linux.Addresses;
using Xunit;

namespace MasterController.LinuxTests.HostNetwork.Drift;

/// <summary>The kernel tells of what others change, and our own doing is not taken for that.</summary>
public sealed class NotificationTests
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(1.5);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("ip link set fcc0a86402 down", ObservationScope.All)]
    [InlineData("ip link set fcc0a86402 address 02:00:00:00:00:09", ObservationScope.All)]
    [InlineData("ip link set fcc0a86402 group 0", ObservationScope.All)]
    [InlineData("ip link delete fcc0a86402", ObservationScope.All)]
    [InlineData("sysctl -q -w net.ipv4.conf.fcc0a86402.proxy_arp=0", ObservationScope.All)]
    [InlineData("sysctl -q -w net.ipv4.conf.fcc0a86402.rp_filter=0", ObservationScope.All)]
    [InlineData("ip route delete 192.168.100.2", ObservationScope.All)]
    [InlineData("ip route replace 192.168.100.2 dev up0", ObservationScope.All)]
    [InlineData("ip route add 192.168.100.128/25 dev up0", ObservationScope.All)]
    [InlineData("ip neighbour delete 192.168.100.2 dev fcc0a86402", ObservationScope.All)]
    [InlineData("ip address add 192.168.100.77/32 dev up0", ObservationScope.All)]
    [InlineData("nft flush ruleset", ObservationScope.Host)]
    [InlineData("nft add table inet foreign", ObservationScope.Host)]
    [InlineData("ip address delete 192.168.100.1/32 dev lo", ObservationScope.Host)]
    [InlineData("ip route replace default via 203.0.113.7", ObservationScope.Host)]
    public async Task Others_changes_are_told(string change, ObservationScope least)
    {
        await using var host = await StartAsync();

        host.Host(change);

        await host.Network.ChangedAsync(Token).WaitAsync(Soon, Token);
        Assert.True(host.Network.TakeChanges() >= least);
        Assert.Equal(ObservationScope.None, host.Network.TakeChanges());
    }

    [Fact]
    public async Task Switched_off_forwarding_is_told()
    {
        await using var host = await StartAsync();

        host.Host("sysctl -q -w net.ipv4.ip_forward=0");

        await host.Network.ChangedAsync(Token).WaitAsync(Soon, Token);
        Assert.NotEqual(ObservationScope.None, host.Network.TakeChanges());
    }

    [Fact]
    public async Task Our_own_doing_is_not_told()
    {
        await using var host = await StartAsync();
        var changed = host.Network.ChangedAsync(Token);

        var more = Enumerable.Range(10, 60).Select(i => TestHost.At($"192.168.100.{i}")).ToList();
        await Task.WhenAll(more.Select(host.AttachAsync));
        await Task.WhenAll(more.Take(30).Select(host.DetachAsync));
        await host.DetachAsync(more[30]);
        await host.Network.SetNetworksAsync(
            [
                new PoolNetwork(
                    Ipv4Network.Parse("192.168.0.0/16"),
                    [Ipv4Address.Parse("192.168.0.1"), TestHost.Gateway],
                    true
                ),
            ],
            [],
            Token
        );

        await Assert.ThrowsAsync<TimeoutException>(() => changed.WaitAsync(Quiet, Token));
        Assert.Equal(ObservationScope.None, host.Network.TakeChanges());
    }

    private static async Task<TestHost> StartAsync()
    {
        var host = await TestHost.StartAsync();
        await host.ApplyAsync(TestHost.Desired(TestHost.At("192.168.100.2"), TestHost.At("192.168.100.3")));
        // What the start itself has set off is over.
        await Task.Delay(TimeSpan.FromSeconds(1), Token);
        host.Network.TakeChanges();
        return host;
    }
}
