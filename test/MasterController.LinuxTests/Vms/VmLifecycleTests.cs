using MasterController.Core.Operations;
using MasterController.Core.Vms;
using MasterController.LinuxTests.EndToEnd;

namespace MasterController.LinuxTests.Vms;

public sealed class VmLifecycleTests : IAsyncDisposable
{
    private readonly Machine _machine = new();

    public ValueTask DisposeAsync() => _machine.DisposeAsync();

    [Fact]
    public async Task A_VM_goes_through_its_life()
    {
        var controller = await _machine.StartAsync();
        var vms = controller.Vms;

        var created = await controller.AcceptAsync(new VmRequest(Name: "web"));
        Assert.Equal(VmStatus.Creating, created.Status);
        var running = await controller.StatusAsync(created.Id, VmStatus.Running);
        Assert.True(running.Process!.Value.IsAlive);
        Assert.Equal(FakeHypervisor.Name, running.Hypervisor);
        Assert.Equal([running.Address.ToString()], _machine.Network.Attached);
        Assert.Equal(
            $"ip=10.9.0.2::10.9.0.1:255.255.255.240:web:eth0:off",
            _machine.Hypervisor.LastGuestArguments.Replace(" mc.overlay=1", "")
        );
        var create = await controller.EndedOperationAsync(created.Id);
        Assert.Equal(OperationStatus.Succeeded, create.Status);
        Assert.All(create.Steps, s => Assert.Equal(StepStatus.Done, s.Status));
        await controller.AssertConsistentAsync();

        Assert.Equal(
            VmStatus.Stopping,
            Assert.IsType<VmOutcome.Accepted>(await vms.StopAsync("web", timeout: null)).Vm.Status
        );
        var stopped = await controller.StatusAsync(created.Id, VmStatus.Stopped);
        Assert.Null(stopped.StatusReason);
        Assert.Null(stopped.Process);
        Assert.True(Directory.Exists(_machine.PathOf(created.Id)));
        await controller.AssertConsistentAsync();

        Assert.IsType<VmOutcome.Accepted>(await vms.StartAsync("web"));
        var again = await controller.StatusAsync(created.Id, VmStatus.Running);
        Assert.NotEqual(running.Process, again.Process);
        Assert.Equal(running.Address, again.Address);
        Assert.Equal("vm.start", (await controller.EndedOperationAsync(created.Id)).Kind);

        Assert.IsType<VmOutcome.Accepted>(await vms.RestartAsync("web", timeout: null));
        await Eventually.TrueAsync(
            () => vms.Find("web") is { Status: VmStatus.Running } vm && vm.Process != again.Process,
            "restarted"
        );
        var restart = await controller.EndedOperationAsync(created.Id);
        Assert.Equal(("vm.restart", OperationStatus.Succeeded), (restart.Kind, restart.Status));
        Assert.Equal(["stop", "disks", "network", "boot"], restart.Steps.Select(s => s.Name));
        Assert.Equal(0, vms.Find("web")!.Restarts);
        await controller.AssertConsistentAsync();

        Assert.IsType<VmOutcome.Accepted>(await vms.DeleteAsync("web"));
        await controller.GoneAsync(created.Id);
        await controller.AssertConsistentAsync();
        Assert.Empty(_machine.Directories.VmIds());
        await Eventually.TrueAsync(() => controller.EventsOf(created.Id).Contains("vm.deleted"), "vm.deleted");
        Assert.Equal(
            [
                "vm.creating",
                "vm.running",
                "vm.stopping",
                "vm.stopped",
                "vm.starting",
                "vm.running",
                "vm.stopping",
                "vm.starting",
                "vm.running",
                "vm.deleting",
                "vm.deleted",
            ],
            controller.EventsOf(created.Id)
        );
    }

    [Fact]
    public async Task A_guest_that_does_not_end_is_forced_after_its_time()
    {
        var controller = await _machine.StartAsync();
        var vm = await controller.RunVmAsync();
        _machine.Hypervisor.GuestsObey = false;

        await controller.Vms.StopAsync(vm.Id, TimeSpan.FromMilliseconds(100));

        var stopped = await controller.StatusAsync(vm.Id, VmStatus.Stopped);
        Assert.Equal("forced after 0.1 s", stopped.StatusReason);
        Assert.False(vm.Process!.Value.IsAlive);
        await controller.AssertConsistentAsync();
    }

    [Fact]
    public async Task Stopping_a_stopped_VM_and_starting_a_running_one_change_nothing()
    {
        var controller = await _machine.StartAsync();
        var vm = await controller.RunVmAsync();
        Assert.Equal(vm, Assert.IsType<VmOutcome.Accepted>(await controller.Vms.StartAsync(vm.Id)).Vm);
        await controller.Vms.StopAsync(vm.Id, TimeSpan.Zero);
        var stopped = await controller.StatusAsync(vm.Id, VmStatus.Stopped);

        Assert.Equal(stopped, Assert.IsType<VmOutcome.Accepted>(await controller.Vms.StopAsync(vm.Id, null)).Vm);
        Assert.Equal(1, _machine.Hypervisor.Started);
    }

    [Fact]
    public async Task What_a_status_does_not_allow_is_refused()
    {
        var controller = await _machine.StartAsync();
        var vms = controller.Vms;
        var gate = new TaskCompletionSource();
        _machine.Hypervisor.BeforeStart = gate.Task.WaitAsync;
        var vm = await controller.AcceptAsync(new VmRequest());

        Assert.Equal("stop", Assert.IsType<VmOutcome.WrongState>(await vms.StopAsync(vm.Id, null)).Wish);
        Assert.Equal("start", Assert.IsType<VmOutcome.WrongState>(await vms.StartAsync(vm.Id)).Wish);
        Assert.Equal("restart", Assert.IsType<VmOutcome.WrongState>(await vms.RestartAsync(vm.Id, null)).Wish);
        Assert.IsType<VmOutcome.NotFound>(await vms.StopAsync("nobody", null));
        Assert.IsType<VmOutcome.NotFound>(await vms.StartAsync("nobody"));
        Assert.IsType<VmOutcome.NotFound>(await vms.RestartAsync("nobody", null));
        Assert.IsType<VmOutcome.NotFound>(await vms.DeleteAsync("nobody"));

        gate.SetResult();
        await controller.StatusAsync(vm.Id, VmStatus.Running);
        Assert.Single(controller.Operations.List());
    }

    [Fact]
    public async Task A_stop_during_a_restart_is_refused_as_the_VM_will_come_back()
    {
        var controller = await _machine.StartAsync();
        var vm = await controller.RunVmAsync();
        _machine.Hypervisor.GuestsObey = false;
        await controller.Vms.RestartAsync(vm.Id, TimeSpan.FromMinutes(5));

        Assert.IsType<VmOutcome.WrongState>(await controller.Vms.StopAsync(vm.Id, null));

        _machine.Hypervisor.End(vm.Id, 0);
        await controller.StatusAsync(vm.Id, VmStatus.Running);
    }

    [Fact]
    public async Task Waiting_ends_when_the_VM_is_settled_gone_or_the_time_is_over()
    {
        var controller = await _machine.StartAsync();
        var cancel = TestContext.Current.CancellationToken;
        var gate = new TaskCompletionSource();
        _machine.Hypervisor.BeforeStart = gate.Task.WaitAsync;
        var vm = await controller.AcceptAsync(new VmRequest());

        var early = await controller.Vms.WaitSettledAsync(vm.Id, TimeSpan.FromMilliseconds(50), cancel);
        Assert.Equal(VmStatus.Creating, early!.Status);
        var settled = controller.Vms.WaitSettledAsync(vm.Id, TimeSpan.FromMinutes(5), cancel);
        gate.SetResult();
        Assert.Equal(VmStatus.Running, (await settled)!.Status);

        await controller.Vms.DeleteAsync(vm.Id);
        Assert.Null(await controller.Vms.WaitSettledAsync(vm.Id, TimeSpan.FromMinutes(5), cancel));
    }

    [Fact]
    public async Task A_guest_that_says_so_is_ready_and_its_words_of_a_former_boot_do_not_count()
    {
        var controller = await _machine.StartAsync();
        var vm = await controller.RunVmAsync();
        _machine.WriteConsole(vm.Id, $"{VmConsole.ReadyMark} {vm.Address}\n");
        await Eventually.TrueAsync(() => controller.Vms.Find(vm.Id)!.ReadyAt is not null, "ready");
        await Eventually.TrueAsync(() => controller.EventsOf(vm.Id).Contains("vm.ready"), "vm.ready");

        await controller.Vms.StopAsync(vm.Id, TimeSpan.Zero);
        Assert.Null((await controller.StatusAsync(vm.Id, VmStatus.Stopped)).ReadyAt);
        await controller.Vms.StartAsync(vm.Id);
        await controller.StatusAsync(vm.Id, VmStatus.Running);

        Assert.DoesNotContain(
            VmConsole.ReadyMark,
            new VmConsole(_machine.Directories, TimeProvider.System).OfThisBoot(vm.Id, 50)
        );
        _machine.WriteConsole(vm.Id, $"{VmConsole.ReadyMark} {vm.Address}\n");
        await Eventually.TrueAsync(() => controller.Vms.Find(vm.Id)!.ReadyAt is not null, "ready again");
    }
}
