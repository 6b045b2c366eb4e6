using MasterController.Core.HostNetwork;
using MasterController.Core.Operations;
using MasterController.Core.PoolChanges;
using MasterController.Core.Vms;
using MasterController.LinuxTests.EndToEnd;
using MasterController.LinuxTests.Vms;

namespace MasterController.LinuxTests.PoolChanges;

/// <summary>A controller that dies before its every commit and its every call of the host network.</summary>
public sealed class PoolChangeCrashTests
{
    private const int MostPlaces = 60;

    private static readonly PoolChangeRequest Expansion = new(PoolAction.Expand, "10.9.0.0/24");

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_crash_at_any_commit_leaves_the_change_finished_or_undone(bool failsProof)
    {
        for (var commits = 0; commits < MostPlaces; commits++)
        {
            await using var machine = new Machine();
            if (
                !await CrashAsync(
                    machine,
                    failsProof,
                    () => machine.Store.CrashAfter(commits),
                    () => machine.Store.IsCrashed
                )
            )
                return;
        }
        Assert.Fail("it never comes to its end");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_crash_at_any_change_of_the_host_leaves_the_change_finished_or_undone(bool failsProof)
    {
        for (var calls = 0; calls < MostPlaces; calls++)
        {
            await using var machine = new Machine();
            var left = calls;
            var isDead = false;
            Task DieAtLast()
            {
                isDead |= left-- == 0;
                return isDead ? new TaskCompletionSource().Task : Task.CompletedTask;
            }
            var crashed = await CrashAsync(
                machine,
                failsProof,
                () => machine.Network.BeforeNetworks = DieAtLast,
                () => isDead
            );
            if (!crashed)
                return;
        }
        Assert.Fail("it never comes to its end");
    }

    [Fact]
    public async Task A_drain_that_a_crash_interrupted_is_waited_for_by_the_next_controller()
    {
        await using var machine = new Machine();
        var controller = await machine.StartAsync();
        await controller.ChangeAsync(Expansion);
        var outside = await controller.RunVmAsync(new VmRequest(Address: "10.9.0.77"));
        var begun = await controller.BeginAsync(new(PoolAction.Shrink, "10.9.0.0/28", Drain: true));
        await controller.StepAsync(begun, "wait for leases to end", StepStatus.Running);
        controller.Crash();
        controller = await machine.StartAsync();
        Assert.Equal(OperationStatus.Running, controller.Operations.Find(begun.Id)!.Status);
        await controller.Vms.DeleteAsync(outside.Id);
        Assert.Equal(OperationStatus.Succeeded, (await controller.EndAsync(begun)).Status);
        Assert.Equal(["10.9.0.0/28"], controller.Networks());
    }

    [Fact]
    public async Task The_time_to_confirm_goes_on_while_no_controller_runs()
    {
        await using var machine = new Machine();
        var controller = await machine.StartAsync();
        var begun = await controller.BeginAsync(Expansion, confirmWithin: TimeSpan.FromSeconds(2));
        await controller.StepAsync(begun, "wait for confirmation", StepStatus.Running);
        controller.Crash();
        await Task.Delay(TimeSpan.FromSeconds(2), TestContext.Current.CancellationToken);
        controller = await machine.StartAsync();
        Assert.Equal(OperationStatus.RolledBack, (await controller.EndAsync(begun)).Status);
        Assert.Equal(["10.9.0.0/28"], controller.Networks());
    }

    /// <summary>False when the change came to its end before the crash.</summary>
    private static async Task<bool> CrashAsync(Machine machine, bool failsProof, Action arm, Func<bool> isDead)
    {
        machine.Network.ForeignRules.Add(ChangeUnderTest.OldMasquerade);
        var controller = await machine.StartAsync();
        var vm = await controller.RunVmAsync();
        await controller.EventuallyAsync(vm.Id, VmStatus.Running);
        var plan = await controller.PlanAsync(Expansion);
        if (failsProof)
            machine.Network.Answers = _ => machine.Network.Networks().Contains("10.9.0.0/28");
        arm();
        _ = controller.TryApplyAsync(plan);
        await Eventually.TrueAsync(() => isDead() || HasEnded(controller, plan.Pool), "it crashes or ends");
        var crashed = isDead();
        controller.Crash();
        machine.Network.BeforeNetworks = () => Task.CompletedTask;

        controller = await machine.StartAsync();
        await controller.AssertConsistentAsync();
        await machine.Store.NothingIsLeftAsync();
        var grown = controller.Networks() is ["10.9.0.0/24"];
        Assert.Equal(grown ? ["10.9.0.0/24"] : ["10.9.0.0/28"], controller.Networks());
        Assert.Equal(controller.Networks(), machine.Network.Networks());
        Assert.Equal(["10.9.0.1"], machine.Network.Gateways());
        Assert.Equal(grown ? [] : [ChangeUnderTest.OldMasquerade], machine.Network.ForeignRules);
        Assert.False(failsProof && grown);
        Assert.Equal(VmStatus.Running, controller.Vms.Find(vm.Id)!.Status);
        Assert.Equal("10.9.0.3", (await controller.RunVmAsync()).Address.ToString());
        return crashed;
    }

    private static bool HasEnded(Controller controller, string pool) =>
        controller.Operations.List().Any(o => o.Subject == pool && o.EndedAt is not null);
}
