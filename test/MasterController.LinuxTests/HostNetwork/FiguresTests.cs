using Xunit;

namespace MasterController.LinuxTests.HostNetwork;

public sealed class FiguresTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_uplink_is_that_of_the_namespace_with_its_own_address_and_counters()
    {
        await using var host = await TestHost.StartAsync();
        await host.ApplyAsync(TestHost.Desired(TestHost.At("192.168.100.2")));
        var before = await host.Network.ReadFiguresAsync(Token);

        host.Host("ping -c 3 -i 0.01 -W 2 203.0.113.1");

        var after = await host.Network.ReadFiguresAsync(Token);
        Assert.Equal(("up0", TestHost.HostAddress), (after.Uplink, after.UplinkIpv4));
        Assert.True(after.UplinkTraffic!.Value.Sent.Packets >= before.UplinkTraffic!.Value.Sent.Packets + 3);
        Assert.True(after.UplinkTraffic.Value.Received.Bytes > before.UplinkTraffic.Value.Received.Bytes);
        // Our table tracks connections: that of the ping is one.
        Assert.InRange(after.Conntrack!.Value.Used, 1, after.Conntrack.Value.Limit);
        // Outside of the first namespace the kernel does not say.
        Assert.Null(after.Neighbours);
    }

    [Fact]
    public async Task A_host_without_an_uplink_has_none()
    {
        await using var host = await TestHost.StartAsync(uplink: false);

        var figures = await host.Network.ReadFiguresAsync(Token);

        Assert.Equal((null, null, null), (figures.Uplink, figures.UplinkIpv4, figures.UplinkTraffic));
    }
}
