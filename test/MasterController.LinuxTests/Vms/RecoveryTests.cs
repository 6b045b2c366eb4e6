using MasterController.Core.HostNetwork;
using MasterController.Core.Hypervisors;
using MasterController.Core.Operations;
using MasterController.Core.Store;
using MasterController.Core.Vms;
using MasterController.Linux.Addresses;
using MasterController.Linux.Processes;
using MasterController.LinuxTests.EndToEnd;

namespace MasterController.LinuxTests.Vms;

public sealed class RecoveryTests : IAsyncDisposable
{
    private static readonly TimeSpan AtOnce = TimeSpan.Zero;

    private readonly Machine _machine = new();

    public ValueTask DisposeAsync() => _machine.DisposeAsync();

    [Fact]
    public async Task Running_VMs_are_adopted_as_they_are_and_their_end_is_noticed()
    {
        var first = await _machine.StartAsync();
        var vm = await first.RunVmAsync();
        await first.EndedOperationAsync(vm.Id);
        first.Crash();

        var next = await _machine.StartAsync();

        Assert.Equal(vm.Process, next.Vms.Find(vm.Id)!.Process);
        Assert.Equal(1, _machine.Hypervisor.Started);
        await next.AssertConsistentAsync();
        _machine.Hypervisor.End(vm.Id, 0);
        await next.StatusAsync(vm.Id, VmStatus.Stopped);
        await next.AssertConsistentAsync();
    }

    [Fact]
    public async Task A_VM_that_ended_without_a_controller_has_failed()
    {
        var first = await _machine.StartAsync();
        var vm = await first.RunVmAsync(new VmRequest(Restart: "on-failure"));
        first.Crash();
        _machine.Hypervisor.End(vm.Id, 0);
        await Eventually.TrueAsync(() => !vm.Process!.Value.IsAlive, "ended");

        var next = await _machine.StartAsync();

        var restarted = await next.StatusAsync(vm.Id, VmStatus.Running);
        Assert.Equal(1, restarted.Restarts);
        await Eventually.TrueAsync(() => next.EventsOf(vm.Id).Length >= 3, "events");
        Assert.Equal(["vm.failed", "vm.starting", "vm.running"], next.EventsOf(vm.Id));
        await next.AssertConsistentAsync();
    }

    [Theory]
    [InlineData("network")]
    [InlineData("start")]
    [InlineData("started")]
    public async Task A_create_that_a_crash_cut_off_is_finished(string at)
    {
        var first = await _machine.StartAsync();
        var reached = BlockAt(at);
        var vm = await first.AcceptAsync(new VmRequest());
        await reached;
        first.Crash();
        Unblock();

        var next = await _machine.StartAsync();

        var running = await next.StatusAsync(vm.Id, VmStatus.Running);
        Assert.Equal(vm.Address, running.Address);
        var operation = await next.EndedOperationAsync(vm.Id);
        Assert.Equal(("vm.create", OperationStatus.Succeeded), (operation.Kind, operation.Status));
        await next.AssertConsistentAsync();
    }

    [Theory]
    [InlineData("network")]
    [InlineData("started")]
    public async Task A_delete_during_a_create_is_finished_after_a_crash(string at)
    {
        var first = await _machine.StartAsync();
        var reached = BlockAt(at);
        var vm = await first.AcceptAsync(new VmRequest());
        await reached;
        _machine.Network.BeforeDetach = () => new TaskCompletionSource().Task;
        await first.Vms.DeleteAsync(vm.Id);
        first.Crash();
        Unblock();

        var next = await _machine.StartAsync();

        await next.GoneAsync(vm.Id);
        await next.AssertConsistentAsync();
        Assert.Empty(_machine.Directories.VmIds());
    }

    [Fact]
    public async Task A_stop_and_a_restart_that_a_crash_cut_off_are_finished()
    {
        var first = await _machine.StartAsync();
        var stopped = await first.RunVmAsync();
        var restarted = await first.RunVmAsync();
        _machine.Hypervisor.GuestsObey = false;
        await first.Vms.StopAsync(stopped.Id, timeout: null);
        await first.Vms.RestartAsync(restarted.Id, timeout: null);
        first.Crash();
        _machine.Hypervisor.GuestsObey = true;

        var next = await _machine.StartAsync();

        await next.StatusAsync(stopped.Id, VmStatus.Stopped);
        var again = await next.StatusAsync(restarted.Id, VmStatus.Running);
        Assert.NotEqual(restarted.Process, again.Process);
        Assert.Equal(OperationStatus.Succeeded, (await next.EndedOperationAsync(restarted.Id)).Status);
        await next.AssertConsistentAsync();
    }

    /// <summary>Every commit of a VM's life is once the last one.</summary>
    [Fact]
    public async Task Whatever_commit_is_the_last_before_a_crash_nothing_is_left_half_done()
    {
        for (var commits = 0; commits < 24; commits++)
        {
            var first = await _machine.StartAsync();
            _machine.Store.CrashAfter(commits);
            var acknowledged = "";
            string? id = null;
            async Task LiveAsync()
            {
                id = (await first.AcceptAsync(new VmRequest())).Id;
                acknowledged = "created";
                await first.EndedOperationAsync(id);
                await first.Vms.StopAsync(id, AtOnce);
                acknowledged = "stopped";
                await first.StatusAsync(id, VmStatus.Stopped);
                await first.Vms.StartAsync(id);
                acknowledged = "started";
                await first.EndedOperationAsync(id);
                await first.Vms.RestartAsync(id, AtOnce);
                acknowledged = "restarted";
                await first.EndedOperationAsync(id);
                await first.Vms.DeleteAsync(id);
                acknowledged = "deleted";
                await first.GoneAsync(id);
            }
            var life = LiveAsync();
            // A commit that is never answered is the crash.
            await Task.WhenAny(life, Eventually.TrueAsync(() => _machine.Store.IsCrashed, "the store is dead"));
            await Task.Delay(TimeSpan.FromMilliseconds(50), TestContext.Current.CancellationToken);
            if (life.IsCompleted)
                await life;
            var asked = acknowledged;
            first.Crash();

            var next = await _machine.StartAsync();
            await Eventually.TrueAsync(
                () => next.Vms.All.All(v => v.Status is VmStatus.Running or VmStatus.Stopped),
                $"settled after {commits} commits and \"{asked}\""
            );
            await next.AssertConsistentAsync();
            var status = id is null ? null : next.Vms.Find(id)?.Status;
            switch (asked)
            {
                case "created" or "started" or "restarted":
                    Assert.Equal(VmStatus.Running, status);
                    break;
                case "stopped":
                    Assert.Equal(VmStatus.Stopped, status);
                    break;
                case "deleted":
                    Assert.Null(status);
                    break;
            }
            foreach (var vm in next.Vms.All)
            {
                await next.Vms.DeleteAsync(vm.Id);
                await next.GoneAsync(vm.Id);
            }
            await next.AssertConsistentAsync();
            next.Crash();
        }
    }

    [Fact]
    public async Task Processes_that_no_VM_claims_are_ended_and_forged_ones_are_not_adopted()
    {
        var first = await _machine.StartAsync();
        var running = await first.RunVmAsync();
        var stopped = await first.RunVmAsync();
        await first.Vms.StopAsync(stopped.Id, AtOnce);
        await first.StatusAsync(stopped.Id, VmStatus.Stopped);
        first.Crash();
        var unknown = Forge("vm-0123456789ab", 0x7000_0001);
        var otherUser = Forge(running.Id, 0x7000_0001);
        var sameUser = Forge(running.Id, HypervisorUser.Of(running.Address));
        var ofStopped = Forge(stopped.Id, HypervisorUser.Of(stopped.Address));

        var next = await _machine.StartAsync();

        Assert.Equal(running.Process, next.Vms.Find(running.Id)!.Process);
        Assert.Null(next.Vms.Find(stopped.Id)!.Process);
        Assert.DoesNotContain([unknown, otherUser, sameUser, ofStopped], p => p.IsAlive);
        await next.AssertConsistentAsync();
    }

    [Fact]
    public async Task Directories_and_attachments_that_no_VM_claims_go_and_what_is_not_ours_stays()
    {
        Directory.CreateDirectory(_machine.PathOf("vm-0123456789ab"));
        Directory.CreateDirectory(_machine.PathOf("lost+found"));
        _machine.Network.AttachStray(new Attachment(Ipv4Address.Parse("10.9.0.9"), null, 1));

        var controller = await _machine.StartAsync();

        Assert.False(Directory.Exists(_machine.PathOf("vm-0123456789ab")));
        Assert.True(Directory.Exists(_machine.PathOf("lost+found")));
        await controller.AssertConsistentAsync();
        Assert.Equal("10.9.0.0/28", Assert.Single(_machine.Network.Networks).Network.ToString());
    }

    [Fact]
    public async Task Operations_that_ended_without_their_word_being_stored_are_closed()
    {
        var first = await _machine.StartAsync();
        // Nothing says any more that the create and the first restart had come to their ends.
        _machine.Store.Refuses = changes =>
            changes is [StoreChange.OperationSaved { Operation.Status: OperationStatus.Succeeded }];
        var vm = await first.RunVmAsync();
        await first.EndedOperationAsync(vm.Id);
        await first.Vms.RestartAsync(vm.Id, AtOnce);
        await first.EndedOperationAsync(vm.Id);
        _machine.Hypervisor.GuestsObey = false;
        await first.Vms.RestartAsync(vm.Id, timeout: null);
        first.Crash();
        _machine.Store.Refuses = _ => false;
        _machine.Hypervisor.GuestsObey = true;

        var next = await _machine.StartAsync();

        await next.EndedOperationAsync(vm.Id);
        Assert.Equal(VmStatus.Running, next.Vms.Find(vm.Id)!.Status);
        await next.AssertConsistentAsync();
        Assert.All(next.Operations.List(), o => Assert.Equal(OperationStatus.Succeeded, o.Status));
        Assert.Equal(3, next.Operations.List().Count);
    }

    private ProcessIdentity Forge(string vmId, uint uid)
    {
        var path = _machine[$"forged-{Guid.NewGuid():n}"];
        using var output = SharedDirectoryFile.OpenForAppend(path, uid);
        var process = DetachedProcess.Start(
            new DetachedProcessSpec(
                "/bin/sh",
                ["-c", "echo up; exec sleep 300"],
                new Dictionary<string, string>
                {
                    ["PATH"] = "/usr/bin:/bin",
                    [VmProcesses.StateVariable] = _machine.StateId,
                    [VmProcesses.VmVariable] = vmId,
                },
                output,
                output,
                Descriptors: [],
                new UnprivilegedUser(uid)
            )
        );
        SpinWait.SpinUntil(() => File.ReadAllText(path).Contains("up"), TimeSpan.FromMinutes(1));
        return process;
    }

    private Task BlockAt(string point)
    {
        var reached = new TaskCompletionSource();
        Task BlockAsync(CancellationToken token)
        {
            reached.TrySetResult();
            return Task.Delay(Timeout.Infinite, token);
        }
        switch (point)
        {
            case "network":
                _machine.Network.BeforeAttach = BlockAsync;
                break;
            case "start":
                _machine.Hypervisor.BeforeStart = BlockAsync;
                break;
            default:
                // Deaf: the former controller does not end what it started.
                _machine.Hypervisor.AfterStart = _ => BlockAsync(CancellationToken.None);
                break;
        }
        return reached.Task;
    }

    private void Unblock()
    {
        _machine.Network.BeforeAttach = _ => Task.CompletedTask;
        _machine.Network.BeforeDetach = () => Task.CompletedTask;
        _machine.Hypervisor.BeforeStart = _ => Task.CompletedTask;
        _machine.Hypervisor.AfterStart = _ => Task.CompletedTask;
    }
}
