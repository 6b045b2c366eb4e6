using MasterController.Core.HostNetwork;
using MasterController.Core.Hypervisors;
using MasterController.Core.Operations;
using MasterController.Core.Vms;
using MasterController.Linux.Processes;
using MasterController.LinuxTests.EndToEnd;
using Microsoft.Extensions.Time.Testing;

namespace MasterController.LinuxTests.Vms;

public sealed class VmFailureTests : IAsyncDisposable
{
    private readonly FakeTimeProvider _clock = new(DateTimeOffset.UnixEpoch);
    private readonly Machine _machine = new();
    private readonly Machine _withClock;

    public VmFailureTests() => _withClock = new Machine(_clock);

    public async ValueTask DisposeAsync()
    {
        await _machine.DisposeAsync();
        await _withClock.DisposeAsync();
    }

    [Theory]
    [InlineData("attach")]
    [InlineData("start")]
    [InlineData("just started")]
    public async Task A_boot_that_fails_leaves_a_failed_VM_and_nothing_else(string step)
    {
        var controller = await _machine.StartAsync();
        switch (step)
        {
            case "attach":
                _machine.Network.BeforeAttach = _ => throw new HostNetworkException("out of TAPs");
                break;
            case "start":
                _machine.Hypervisor.BeforeStart = _ => throw new HypervisorException("out of TAPs");
                break;
            default:
                // The store refuses to hear that it runs.
                _machine.Store.Refuses = changes =>
                    changes.Any(c => c is Core.Store.StoreChange.VmSaved { Vm.Status: VmStatus.Running });
                break;
        }

        var vm = await controller.AcceptAsync(new VmRequest());
        var failed = await controller.StatusAsync(vm.Id, VmStatus.Failed);

        Assert.Equal(step == "just started" ? "refused by the test" : "out of TAPs", failed.StatusReason);
        var operation = await controller.EndedOperationAsync(vm.Id);
        Assert.Equal((OperationStatus.RolledBack, failed.StatusReason), (operation.Status, operation.Error));
        Assert.DoesNotContain(operation.Steps, s => s.Status is StepStatus.Done or StepStatus.Running);
        Assert.False(Directory.Exists(_machine.PathOf(vm.Id)));
        await controller.AssertConsistentAsync();

        await controller.Vms.DeleteAsync(vm.Id);
        await controller.GoneAsync(vm.Id);
        await controller.AssertConsistentAsync();
    }

    [Fact]
    public async Task A_second_boot_that_fails_keeps_the_disks()
    {
        var controller = await _machine.StartAsync();
        var vm = await controller.RunVmAsync();
        await controller.Vms.StopAsync(vm.Id, TimeSpan.Zero);
        await controller.StatusAsync(vm.Id, VmStatus.Stopped);
        _machine.Hypervisor.BeforeStart = _ => throw new HypervisorException("no KVM");

        await controller.Vms.StartAsync(vm.Id);

        await controller.StatusAsync(vm.Id, VmStatus.Failed);
        Assert.True(File.Exists(Path.Combine(_machine.PathOf(vm.Id), "root.img")));
        await controller.AssertConsistentAsync();
        _machine.Hypervisor.BeforeStart = _ => Task.CompletedTask;
        await controller.Vms.StartAsync(vm.Id);
        await controller.StatusAsync(vm.Id, VmStatus.Running);
    }

    [Fact]
    public async Task A_killed_process_makes_a_failed_VM_with_the_consoles_last_lines()
    {
        var controller = await _machine.StartAsync();
        var vm = await controller.RunVmAsync();
        _machine.WriteConsole(vm.Id, "one\ntwo\nthree\nfour\nfive\nsix\n");

        vm.Process!.Value.Signal(UnixSignal.Kill);

        var failed = await controller.StatusAsync(vm.Id, VmStatus.Failed);
        Assert.Equal(
            "the VM process was ended by signal 9; the console's last lines: two\nthree\nfour\nfive\nsix",
            failed.StatusReason
        );
        await controller.AssertConsistentAsync();
    }

    [Fact]
    public async Task An_exit_in_order_stops_a_VM_and_a_panic_before_it_fails_it()
    {
        var controller = await _machine.StartAsync();
        var ended = await controller.RunVmAsync();
        var panicked = await controller.RunVmAsync();
        _machine.WriteConsole(
            panicked.Id,
            "Kernel panic - not syncing: no init\n" + string.Concat(Enumerable.Repeat("Call Trace\n", 40))
        );

        _machine.Hypervisor.End(ended.Id, 0);
        _machine.Hypervisor.End(panicked.Id, 0);

        Assert.Equal(
            "the guest ended by itself",
            (await controller.StatusAsync(ended.Id, VmStatus.Stopped)).StatusReason
        );
        Assert.Contains(
            "Kernel panic - not syncing: no init",
            (await controller.StatusAsync(panicked.Id, VmStatus.Failed)).StatusReason
        );

        // The panic is still in the console, but of a former boot.
        await controller.Vms.StartAsync(panicked.Id);
        await controller.StatusAsync(panicked.Id, VmStatus.Running);
        _machine.Hypervisor.End(panicked.Id, 0);
        await controller.StatusAsync(panicked.Id, VmStatus.Stopped);
    }

    [Fact]
    public async Task A_console_that_a_process_has_replaced_by_a_link_does_not_hold_up_its_end()
    {
        var controller = await _machine.StartAsync();
        var vm = await controller.RunVmAsync();
        File.CreateSymbolicLink(Path.Combine(_machine.PathOf(vm.Id), "console.log"), "/etc/hostname");

        _machine.Hypervisor.End(vm.Id, 3);

        var failed = await controller.StatusAsync(vm.Id, VmStatus.Failed);
        Assert.Equal("the hypervisor ended with exit code 3", failed.StatusReason);
    }

    [Fact]
    public async Task A_VM_that_fails_again_and_again_is_restarted_after_growing_delays()
    {
        var controller = await _withClock.StartAsync();
        var vm = await controller.RunVmAsync(new VmRequest(Restart: "on-failure"));
        List<TimeSpan> delays = [];
        for (var restarts = 1; restarts <= 3; restarts++)
        {
            var failedAt = _clock.GetUtcNow();
            _withClock.Hypervisor.End(vm.Id, 1);
            await controller.StatusAsync(vm.Id, VmStatus.Failed);
            await AdvanceUntilAsync(() =>
                controller.Vms.Find(vm.Id) is { Status: VmStatus.Running } r && r.Restarts == restarts
            );
            delays.Add(controller.Vms.Find(vm.Id)!.StartedAt!.Value - failedAt);
        }

        Assert.True(delays[0] >= TimeSpan.FromSeconds(1), $"{delays[0]}");
        Assert.True(delays[1] >= TimeSpan.FromSeconds(2), $"{delays[1]}");
        Assert.True(delays[2] >= TimeSpan.FromSeconds(4), $"{delays[2]}");
    }

    [Fact]
    public async Task Boots_that_fail_long_after_the_last_start_wait_longer_and_longer_too()
    {
        var controller = await _withClock.StartAsync();
        var vm = await controller.RunVmAsync(new VmRequest(Restart: "on-failure"));
        _clock.Advance(TimeSpan.FromHours(1));
        List<DateTimeOffset> attempts = [_clock.GetUtcNow()];
        _withClock.Hypervisor.BeforeStart = _ =>
        {
            lock (attempts)
                attempts.Add(_clock.GetUtcNow());
            throw new HypervisorException("no KVM");
        };

        _withClock.Hypervisor.End(vm.Id, 1);
        await AdvanceUntilAsync(() => Attempts().Length == 5);

        var delays = Attempts().Zip(Attempts().Skip(1), (a, b) => (b - a).TotalSeconds).ToArray();
        Assert.True(delays[0] >= 1 && delays[1] >= 2 && delays[2] >= 4 && delays[3] >= 8, string.Join(' ', delays));

        DateTimeOffset[] Attempts()
        {
            lock (attempts)
                return [.. attempts];
        }
    }

    [Fact]
    public async Task Stopping_a_failed_VM_ends_its_restarts()
    {
        var controller = await _withClock.StartAsync();
        var vm = await controller.RunVmAsync(new VmRequest(Restart: "on-failure"));
        _withClock.Hypervisor.End(vm.Id, 1);
        await controller.StatusAsync(vm.Id, VmStatus.Failed);

        var outcome = await controller.Vms.StopAsync(vm.Id, timeout: null);

        Assert.Equal(VmStatus.Stopped, Assert.IsType<VmOutcome.Accepted>(outcome).Vm.Status);
        for (var i = 0; i < 20; i++)
        {
            _clock.Advance(TimeSpan.FromMinutes(1));
            await Task.Delay(TimeSpan.FromMilliseconds(10), TestContext.Current.CancellationToken);
        }
        Assert.Equal(VmStatus.Stopped, controller.Vms.Find(vm.Id)!.Status);
        Assert.Equal(1, _withClock.Hypervisor.Started);
    }

    [Fact]
    public async Task A_restart_that_finds_no_memory_is_tried_again()
    {
        _withClock.Settings = _withClock.Settings with { Limits = new VmLimits(MaxMemoryMib: 300) };
        var controller = await _withClock.StartAsync();
        var vm = await controller.RunVmAsync(new VmRequest(Restart: "on-failure"));
        _withClock.Hypervisor.End(vm.Id, 1);
        await controller.StatusAsync(vm.Id, VmStatus.Failed);
        var other = await controller.RunVmAsync();
        await Task.Delay(TimeSpan.FromMilliseconds(50), TestContext.Current.CancellationToken);
        _clock.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal(VmStatus.Failed, controller.Vms.Find(vm.Id)!.Status);

        await controller.Vms.DeleteAsync(other.Id);
        await controller.GoneAsync(other.Id);

        await AdvanceUntilAsync(() => controller.Vms.Find(vm.Id)!.Status == VmStatus.Running);
    }

    private Task AdvanceUntilAsync(Func<bool> condition) =>
        Eventually.TrueAsync(
            () =>
            {
                if (condition())
                    return true;
                _clock.Advance(TimeSpan.FromMilliseconds(500));
                return false;
            },
            "it came about as the clock went on"
        );
}
