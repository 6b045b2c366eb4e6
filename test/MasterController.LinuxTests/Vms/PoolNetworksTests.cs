using MasterController.Core.Addressing;
using MasterController.Core.HostNetwork;

namespace MasterController.LinuxTests.Vms;

public sealed class PoolNetworksTests : IAsyncDisposable
{
    private static readonly PoolRequest Second = new(
        "second",
        [new RangeRequest("10.8.0.0/24"), new RangeRequest("10.7.0.0/31")],
        AllowVmToVm: true
    );

    private readonly Machine _machine = new();

    private IEnumerable<string> Networks => _machine.Network.Networks.Select(n => n.Network.ToString()).Order();

    public ValueTask DisposeAsync() => _machine.DisposeAsync();

    [Fact]
    public async Task The_host_network_knows_the_ranges_of_all_pools()
    {
        var controller = await _machine.StartAsync();
        var cancel = TestContext.Current.CancellationToken;

        Assert.IsType<PoolOutcome.Done>(await controller.PoolNetworks.CreateAsync(Second, cancel));

        Assert.Equal(["10.7.0.0/31", "10.8.0.0/24", "10.9.0.0/28"], Networks);
        var range = _machine.Network.Networks.Single(n => n.Network.ToString() == "10.8.0.0/24");
        Assert.Equal("10.8.0.1", Assert.Single(range.Gateways).ToString());
        Assert.True(range.AllowVmToVm);
        Assert.Empty(_machine.Network.Networks.Single(n => n.Network.ToString() == "10.7.0.0/31").Gateways);

        Assert.IsType<PoolOutcome.Done>(await controller.PoolNetworks.DeleteAsync("second", cancel));
        Assert.Equal(["10.9.0.0/28"], Networks);
    }

    [Fact]
    public async Task The_connections_of_a_lease_that_ends_are_forgotten_and_of_a_refused_release_are_not()
    {
        var controller = await _machine.StartAsync();
        var cancel = TestContext.Current.CancellationToken;
        var granted = Assert.IsType<LeaseOutcome.Granted>(
            await controller.Pools.LeaseAsync("default", "printer", null, alongside: null, cancel)
        );
        var address = granted.Lease.Address;

        Assert.IsNotType<ReleaseOutcome.Released>(
            await controller.PoolNetworks.ReleaseAsync("default", address, "somebody else", cancel)
        );
        Assert.Empty(_machine.Network.Forgotten);
        Assert.IsType<ReleaseOutcome.Released>(
            await controller.PoolNetworks.ReleaseAsync("default", address, "printer", cancel)
        );
        Assert.Equal([address], _machine.Network.Forgotten);
    }

    [Fact]
    public async Task A_pool_whose_network_was_refused_is_applied_by_the_next_start()
    {
        var controller = await _machine.StartAsync();
        var cancel = TestContext.Current.CancellationToken;
        _machine.Network.BeforeNetworks = () => throw new HostNetworkException("no");
        await Assert.ThrowsAsync<HostNetworkException>(() => controller.PoolNetworks.CreateAsync(Second, cancel));
        Assert.Equal(["10.9.0.0/28"], Networks);
        _machine.Network.BeforeNetworks = () => Task.CompletedTask;
        controller.Crash();

        await _machine.StartAsync();

        Assert.Equal(["10.7.0.0/31", "10.8.0.0/24", "10.9.0.0/28"], Networks);
    }

    [Fact]
    public async Task A_refused_change_of_pools_leaves_the_host_network_alone()
    {
        var controller = await _machine.StartAsync();
        await controller.RunVmAsync();
        _machine.Network.BeforeNetworks = () => throw new HostNetworkException("no");

        Assert.IsType<PoolOutcome.HasLeases>(
            await controller.PoolNetworks.DeleteAsync(Controller.Pool, TestContext.Current.CancellationToken)
        );
        Assert.Equal(["10.9.0.0/28"], Networks);
    }
}
