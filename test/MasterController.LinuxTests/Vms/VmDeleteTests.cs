using MasterController.Core.HostNetwork;
using MasterController.Core.Operations;
using MasterController.Core.Store;
using MasterController.Core.Vms;
using MasterController.LinuxTests.EndToEnd;
using Microsoft.Extensions.Time.Testing;

namespace MasterController.LinuxTests.Vms;

public sealed class VmDeleteTests : IAsyncDisposable
{
    private readonly FakeTimeProvider _clock = new(DateTimeOffset.UnixEpoch);
    private readonly Machine _machine;

    public VmDeleteTests() => _machine = new Machine(_clock);

    public ValueTask DisposeAsync() => _machine.DisposeAsync();

    [Theory]
    [InlineData("network")]
    [InlineData("start")]
    [InlineData("started")]
    public async Task A_VM_can_be_deleted_while_it_is_being_created(string blocked)
    {
        var controller = await _machine.StartAsync();
        var reached = new TaskCompletionSource();
        Task BlockAsync(CancellationToken token)
        {
            reached.TrySetResult();
            return Task.Delay(Timeout.Infinite, token);
        }
        switch (blocked)
        {
            case "network":
                _machine.Network.BeforeAttach = BlockAsync;
                break;
            case "start":
                _machine.Hypervisor.BeforeStart = BlockAsync;
                break;
            default:
                // The word that it runs is on its way when the VM is deleted.
                _machine.Hypervisor.AfterStart = _ =>
                {
                    reached.TrySetResult();
                    return Eventually.TrueAsync(
                        () => controller.Vms.All.Any(v => v.Status == VmStatus.Deleting),
                        "deleting"
                    );
                };
                break;
        }
        var vm = await controller.AcceptAsync(new VmRequest());
        await reached.Task;

        await controller.Vms.DeleteAsync(vm.Id);

        await controller.GoneAsync(vm.Id);
        var operation = await controller.EndedOperationAsync(vm.Id);
        Assert.Equal((OperationStatus.RolledBack, "the VM was deleted meanwhile"), (operation.Status, operation.Error));
        await controller.AssertConsistentAsync();
        Assert.Empty(_machine.Directories.VmIds());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_delete_cuts_a_long_stop_short(bool restart)
    {
        var controller = await _machine.StartAsync();
        var vm = await controller.RunVmAsync();
        _machine.Hypervisor.GuestsObey = false;
        var hour = TimeSpan.FromHours(1);
        _ = restart ? await controller.Vms.RestartAsync(vm.Id, hour) : await controller.Vms.StopAsync(vm.Id, hour);

        await controller.Vms.DeleteAsync(vm.Id);

        await controller.GoneAsync(vm.Id);
        await controller.AssertConsistentAsync();
        Assert.False(vm.Process!.Value.IsAlive);
    }

    [Fact]
    public async Task Deleting_twice_deletes_once()
    {
        var controller = await _machine.StartAsync();
        var vm = await controller.RunVmAsync();

        var outcomes = await Task.WhenAll(
            Enumerable.Range(0, 4).Select(_ => Task.Run(() => controller.Vms.DeleteAsync(vm.Id)))
        );

        Assert.All(outcomes, o => Assert.True(o is VmOutcome.Accepted or VmOutcome.NotFound, $"{o}"));
        await controller.GoneAsync(vm.Id);
        await Eventually.TrueAsync(() => controller.EventsOf(vm.Id).Contains("vm.deleted"), "vm.deleted");
        Assert.Single(controller.EventsOf(vm.Id), "vm.deleted");
    }

    [Fact]
    public async Task A_delete_that_the_network_and_then_the_store_refuse_is_tried_until_it_is_done()
    {
        var controller = await _machine.StartAsync();
        var vm = await controller.RunVmAsync();
        _machine.Network.BeforeDetach = () => throw new HostNetworkException("busy");
        await controller.Vms.DeleteAsync(vm.Id);
        await Eventually.TrueAsync(
            () => controller.Vms.Find(vm.Id)!.StatusReason == "could not be deleted yet: busy",
            "told why"
        );

        var refused = 0;
        _machine.Store.Refuses = _ => Interlocked.Increment(ref refused) < 6;
        _machine.Network.BeforeDetach = () => Task.CompletedTask;

        await AdvanceUntilAsync(() => controller.Vms.Find(vm.Id) is null);
        await controller.AssertConsistentAsync();
    }

    [Fact]
    public async Task A_VM_whose_lease_is_gone_leaves_the_store_all_the_same()
    {
        var controller = await _machine.StartAsync();
        var vm = await controller.RunVmAsync();
        await controller.Pools.ReleaseAsync(vm.Pool, vm.Address, vm.Id, null, TestContext.Current.CancellationToken);

        await controller.Vms.DeleteAsync(vm.Id);

        await controller.GoneAsync(vm.Id);
        await controller.AssertConsistentAsync();
    }

    [Fact]
    public async Task A_create_that_the_store_refuses_leaves_nothing()
    {
        _machine.Settings = _machine.Settings with { Limits = new VmLimits(MaxVms: 1, MaxMemoryMib: 256) };
        var controller = await _machine.StartAsync();
        _machine.Store.Refuses = _ => true;

        await Assert.ThrowsAsync<StoreException>(() =>
            controller.Vms.CreateAsync(new VmRequest(Name: "web"), "k", "h")
        );

        _machine.Store.Refuses = _ => false;
        Assert.Empty(controller.Operations.List());
        await controller.AssertConsistentAsync();
        Assert.IsType<VmOutcome.Accepted>(await controller.Vms.CreateAsync(new VmRequest(Name: "web"), "k", "h"));
        await controller.StatusAsync(controller.Vms.Find("web")!.Id, VmStatus.Running);
    }

    [Fact]
    public async Task A_wish_that_the_store_refuses_leaves_the_VM_as_it_was()
    {
        _machine.Settings = _machine.Settings with { Limits = new VmLimits(MaxMemoryMib: 256) };
        var controller = await _machine.StartAsync();
        var vm = await controller.RunVmAsync();
        _machine.Store.Refuses = _ => true;
        await Assert.ThrowsAsync<StoreException>(() => controller.Vms.StopAsync(vm.Id, null));
        await Assert.ThrowsAsync<StoreException>(() => controller.Vms.RestartAsync(vm.Id, null));
        await Assert.ThrowsAsync<StoreException>(() => controller.Vms.DeleteAsync(vm.Id));
        Assert.Equal(vm, controller.Vms.Find(vm.Id));
        Assert.True(vm.Process!.Value.IsAlive);

        _machine.Store.Refuses = _ => false;
        await controller.Vms.StopAsync(vm.Id, TimeSpan.Zero);
        var stopped = await controller.StatusAsync(vm.Id, VmStatus.Stopped);
        _machine.Store.Refuses = _ => true;
        await Assert.ThrowsAsync<StoreException>(() => controller.Vms.StartAsync(vm.Id));
        Assert.Equal(stopped, controller.Vms.Find(vm.Id));

        // Its memory was given back: another has room for it.
        _machine.Store.Refuses = _ => false;
        await controller.RunVmAsync();
        await controller.AssertConsistentAsync();
    }

    [Fact]
    public async Task A_stop_ends_though_network_and_store_refuse_for_a_while()
    {
        var controller = await _machine.StartAsync();
        var vm = await controller.RunVmAsync();
        var refused = 0;
        _machine.Network.BeforeDetach = () =>
            ++refused < 3 ? throw new HostNetworkException("busy") : Task.CompletedTask;
        _machine.Store.Refuses = changes =>
            changes.Any(c => c is StoreChange.VmSaved { Vm.Status: VmStatus.Stopped })
            && Interlocked.Increment(ref refused) < 6;

        await controller.Vms.StopAsync(vm.Id, TimeSpan.Zero);

        await AdvanceUntilAsync(() => controller.Vms.Find(vm.Id)!.Status == VmStatus.Stopped);
        await controller.AssertConsistentAsync();
        Assert.Equal(6, refused);
    }

    [Fact]
    public async Task A_VM_runs_on_though_the_end_of_its_operation_cannot_be_stored()
    {
        var controller = await _machine.StartAsync();
        _machine.Store.Refuses = changes =>
            changes is [StoreChange.OperationSaved { Operation.Status: OperationStatus.Succeeded }];

        var vm = await controller.RunVmAsync();
        await controller.EndedOperationAsync(vm.Id);

        Assert.True(vm.Process!.Value.IsAlive);
        _machine.Hypervisor.End(vm.Id, 0);
        await controller.StatusAsync(vm.Id, VmStatus.Stopped);
    }

    private Task AdvanceUntilAsync(Func<bool> condition) =>
        Eventually.TrueAsync(
            () =>
            {
                if (condition())
                    return true;
                _clock.Advance(TimeSpan.FromSeconds(1));
                return false;
            },
            "it came about as the clock went on"
        );
}
