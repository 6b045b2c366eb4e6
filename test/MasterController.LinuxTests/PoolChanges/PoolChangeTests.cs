using MasterController.Core.Addressing;
using MasterController.Core.HostNetwork;
using MasterController.Core.Operations;
using MasterController.Core.PoolChanges;
using MasterController.Core.Vms;
using MasterController.Linux.Addresses;
using MasterController.LinuxTests.EndToEnd;
using MasterController.LinuxTests.Vms;

namespace MasterController.LinuxTests.PoolChanges;

public sealed class PoolChangeTests : IAsyncDisposable
{
    private static readonly PoolChangeRequest Expansion = new(PoolAction.Expand, "10.9.0.0/24");

    private readonly Machine _machine = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _machine.DisposeAsync();

    [Fact]
    public async Task A_pool_grows_under_its_VMs_and_goes_back()
    {
        var controller = await _machine.StartAsync();
        var vm = await controller.RunVmAsync();
        var grown = await controller.ChangeAsync(Expansion);
        Assert.Equal(OperationStatus.Succeeded, grown.Status);
        Assert.All(grown.Steps, s => Assert.Equal(StepStatus.Done, s.Status));
        Assert.Equal("1 of 1 VMs that answered before answer now; 10.9.0.254 was leased and given back", grown.Result);
        Assert.Equal(["10.9.0.0/24"], controller.Networks());
        Assert.Equal(["10.9.0.0/24"], _machine.Network.Networks());
        Assert.Equal(vm, controller.Vms.Find(vm.Id));

        var back = await controller.ChangeAsync(new(PoolAction.Rollback));
        Assert.Equal(OperationStatus.Succeeded, back.Status);
        Assert.Equal(["10.9.0.0/28"], controller.Networks());
        Assert.Equal(["10.9.0.0/28"], _machine.Network.Networks());
        Assert.Equal(vm, controller.Vms.Find(vm.Id));
        await _machine.Store.NothingIsLeftAsync();
        await controller.AssertConsistentAsync();
    }

    [Fact]
    public async Task A_rollback_puts_back_what_of_others_was_replaced_since()
    {
        _machine.Network.ForeignRules.Add(ChangeUnderTest.OldMasquerade);
        var controller = await _machine.StartAsync();
        var grown = await controller.ChangeAsync(Expansion);
        Assert.Empty(_machine.Network.ForeignRules);
        await controller.ChangeAsync(new(PoolAction.Reserve, "10.9.0.99"));

        var plan = await controller.PlanAsync(new(PoolAction.Rollback, Version: 1));
        Assert.Equal([new RestoredRule(grown.Id, ChangeUnderTest.OldMasquerade)], plan.Restored);
        var back = await controller.ChangeAsync(new(PoolAction.Rollback, Version: 1));
        Assert.Equal(OperationStatus.Succeeded, back.Status);
        Assert.Equal("put back rules of others", back.Steps[^1].Name);
        Assert.Equal([ChangeUnderTest.OldMasquerade], _machine.Network.ForeignRules);
    }

    [Fact]
    public async Task A_rollback_that_is_not_confirmed_puts_back_nothing()
    {
        _machine.Network.ForeignRules.Add(ChangeUnderTest.OldMasquerade);
        var controller = await _machine.StartAsync();
        await controller.ChangeAsync(Expansion);
        var back = await controller.BeginAsync(new(PoolAction.Rollback), confirmWithin: TimeSpan.FromSeconds(1));
        Assert.Equal(OperationStatus.RolledBack, (await controller.EndAsync(back)).Status);
        Assert.Equal(["10.9.0.0/24"], controller.Networks());
        Assert.Empty(_machine.Network.ForeignRules);
    }

    [Fact]
    public async Task A_plan_changes_nothing()
    {
        var controller = await _machine.StartAsync();
        await controller.RunVmAsync();
        var commits = _machine.Store.Commits.Count;
        var plan = await controller.PlanAsync(Expansion);
        Assert.Equal(new PoolCapacity(13, 253, 253), plan.Capacity);
        Assert.Empty(plan.Conflicts);
        Assert.Equal(commits, _machine.Store.Commits.Count);
        Assert.Equal(["10.9.0.0/28"], controller.Networks());
    }

    [Fact]
    public async Task A_plan_against_an_older_version_is_refused()
    {
        var controller = await _machine.StartAsync();
        var plan = await controller.PlanAsync(Expansion);
        await controller.ChangeAsync(new(PoolAction.Reserve, "10.9.0.9"));
        var refused = Assert.IsType<PoolChangeOutcome.Refused>(await controller.TryApplyAsync(plan));
        Assert.Equal(new PoolOutcome.Stale(Controller.Pool, 1, 2), refused.Reason);
        Assert.Equal(["10.9.0.0/28"], controller.Networks());
        Assert.IsType<PoolChangeOutcome.NoSuchPlan>(
            await controller.PoolChanges.ApplyAsync(Controller.Pool, "plan-0", null, Token)
        );
    }

    [Fact]
    public async Task Others_networks_are_a_conflict_unless_they_are_reserved()
    {
        _machine.Network.Overlaps.Add(
            new NetworkOverlap(
                Ipv4Network.Parse("10.9.0.0/24"),
                Ipv4Network.Parse("10.9.0.128/26"),
                "address of docker0 (Docker)"
            )
        );
        var controller = await _machine.StartAsync();
        var plan = await controller.PlanAsync(Expansion);
        Assert.Equal(PlanNotice.Overlap, Assert.Single(plan.Conflicts).Code);
        Assert.Contains("docker0", plan.Conflicts[0].Message);
        Assert.IsType<PoolChangeOutcome.HasConflicts>(await controller.TryApplyAsync(plan));
        Assert.Equal(["10.9.0.0/28"], controller.Networks());

        var around = await controller.PlanAsync(Expansion with { Reservations = ["10.9.0.128/26"] });
        Assert.Empty(around.Conflicts);
        Assert.Equal(PlanNotice.Overlap, Assert.Single(around.Warnings).Code);
    }

    [Fact]
    public async Task A_gateway_that_somebody_has_is_refused()
    {
        var controller = await _machine.StartAsync();
        var vm = await controller.RunVmAsync();
        var refused = await controller.TryPlanAsync(Expansion with { Gateway = vm.Address.ToString() });
        var invalid = Assert.IsType<PoolOutcome.Invalid>(Assert.IsType<PoolChangeOutcome.Refused>(refused).Reason);
        Assert.Equal($"{vm.Address} is leased to {vm.Id}; choose another one", invalid.Errors["gateway"][0]);
    }

    [Fact]
    public async Task What_does_not_answer_any_more_takes_the_change_back()
    {
        _machine.Network.ForeignRules.Add(ChangeUnderTest.OldMasquerade);
        var controller = await _machine.StartAsync();
        var vm = await controller.RunVmAsync();
        _machine.Network.Answers = _ => _machine.Network.Networks().Contains("10.9.0.0/28");
        var ended = await controller.ChangeAsync(Expansion);
        Assert.Equal(OperationStatus.RolledBack, ended.Status);
        Assert.Equal($"1 of 1 VMs that answered before do not any more: {vm.Name} ({vm.Address})", ended.Error);
        Assert.Equal(["10.9.0.0/28"], controller.Networks());
        Assert.Equal(["10.9.0.0/28"], _machine.Network.Networks());
        Assert.Equal([ChangeUnderTest.OldMasquerade], _machine.Network.ForeignRules);
        await _machine.Store.NothingIsLeftAsync();
    }

    [Fact]
    public async Task What_the_kernel_refuses_takes_the_change_back()
    {
        var controller = await _machine.StartAsync();
        var calls = 0;
        _machine.Network.BeforeNetworks = () =>
            ++calls == 2 ? throw new HostNetworkException("no room") : Task.CompletedTask;
        var ended = await controller.ChangeAsync(Expansion);
        Assert.Equal((OperationStatus.RolledBack, "no room"), (ended.Status, ended.Error));
        Assert.Equal(["10.9.0.0/28"], controller.Networks());
        Assert.Equal(["10.9.0.1"], _machine.Network.Gateways());
        Assert.Equal(
            [StepStatus.Undone, StepStatus.Undone, StepStatus.Undone, StepStatus.Undone, StepStatus.Undone],
            ended.Steps.Take(5).Select(s => s.Status)
        );
    }

    [Fact]
    public async Task Without_confirmation_it_is_taken_back_and_then_it_is_too_late()
    {
        var controller = await _machine.StartAsync();
        var begun = await controller.BeginAsync(Expansion, confirmWithin: TimeSpan.FromSeconds(1));
        var ended = await controller.EndAsync(begun);
        Assert.Equal((OperationStatus.RolledBack, "not confirmed within 1 s"), (ended.Status, ended.Error));
        Assert.Equal(["10.9.0.0/28"], controller.Networks());
        var late = Assert.IsType<PoolChangeOutcome.NothingToConfirm>(controller.PoolChanges.Confirm(Controller.Pool));
        Assert.Equal(begun.Id, late.RolledBack?.Id);
    }

    [Fact]
    public async Task Confirmed_in_time_it_stays()
    {
        var controller = await _machine.StartAsync();
        var begun = await controller.BeginAsync(Expansion, confirmWithin: TimeSpan.FromMinutes(5));
        await Eventually.TrueAsync(
            () => controller.PoolChanges.AwaitsConfirmation(Controller.Pool) == begun.Id,
            "it waits to be confirmed"
        );
        var other = await controller.PlanAsync(new(PoolAction.Reserve, "10.9.0.9"));
        Assert.Equal(new PoolChangeOutcome.Changing(Controller.Pool, begun.Id), await controller.TryApplyAsync(other));
        Assert.IsType<PoolChangeOutcome.Accepted>(controller.PoolChanges.Confirm(Controller.Pool));
        Assert.Equal(OperationStatus.Succeeded, (await controller.EndAsync(begun)).Status);
        Assert.Equal(["10.9.0.0/24"], controller.Networks());
        Assert.Null(
            Assert
                .IsType<PoolChangeOutcome.NothingToConfirm>(controller.PoolChanges.Confirm(Controller.Pool))
                .RolledBack
        );
    }

    [Fact]
    public async Task Shrinking_is_refused_with_the_leases_that_lie_outside()
    {
        var controller = await _machine.StartAsync();
        await controller.ChangeAsync(Expansion);
        var outside = await controller.RunVmAsync(new VmRequest(Address: "10.9.0.77"));
        var plan = await controller.PlanAsync(new(PoolAction.Shrink, "10.9.0.0/28"));
        Assert.Equal(outside.Address, Assert.Single(plan.LeasesOutside).Address);
        Assert.Equal(PlanNotice.LeasesOutside, Assert.Single(plan.Conflicts).Code);
        Assert.IsType<PoolChangeOutcome.HasConflicts>(await controller.TryApplyAsync(plan));
        Assert.Equal(["10.9.0.0/24"], controller.Networks());
    }

    [Fact]
    public async Task A_shrink_that_drains_ends_by_itself_when_the_leases_have()
    {
        var controller = await _machine.StartAsync();
        await controller.ChangeAsync(Expansion);
        var outside = await controller.RunVmAsync(new VmRequest(Address: "10.9.0.77"));
        var begun = await controller.BeginAsync(new(PoolAction.Shrink, "10.9.0.0/28", Drain: true));
        await controller.StepAsync(begun, "wait for leases to end", StepStatus.Running);
        Assert.IsType<VmOutcome.NoAddress>(
            await controller.Vms.CreateAsync(new VmRequest(Address: "10.9.0.78"), null, null)
        );
        await controller.Vms.DeleteAsync(outside.Id);
        Assert.Equal(OperationStatus.Succeeded, (await controller.EndAsync(begun)).Status);
        Assert.Equal(["10.9.0.0/28"], controller.Networks());
        Assert.Empty(controller.Pools.Find(Controller.Pool)!.Drains);
    }

    [Fact]
    public async Task Undraining_takes_a_waiting_shrink_back()
    {
        var controller = await _machine.StartAsync();
        await controller.ChangeAsync(Expansion);
        await controller.RunVmAsync(new VmRequest(Address: "10.9.0.77"));
        var begun = await controller.BeginAsync(new(PoolAction.Shrink, "10.9.0.0/28", Drain: true));
        await controller.StepAsync(begun, "wait for leases to end", StepStatus.Running);
        var undrained = await controller.ChangeAsync(new(PoolAction.Undrain, "10.9.0.0/24"));
        Assert.Equal(OperationStatus.Succeeded, undrained.Status);
        Assert.Equal(OperationStatus.RolledBack, (await controller.EndAsync(begun)).Status);
        Assert.Equal(["10.9.0.0/24"], controller.Networks());
        Assert.Empty(controller.Pools.Find(Controller.Pool)!.Drains);
        await controller.RunVmAsync(new VmRequest(Address: "10.9.0.78"));
        await _machine.Store.NothingIsLeftAsync();
    }

    [Fact]
    public async Task A_drain_ends_when_nothing_is_leased_and_stays()
    {
        var controller = await _machine.StartAsync();
        var vm = await controller.RunVmAsync();
        var begun = await controller.BeginAsync(new(PoolAction.Drain, "10.9.0.0/29"));
        await controller.StepAsync(begun, "wait for leases to end", StepStatus.Running);
        Assert.Equal("10.9.0.8", (await controller.RunVmAsync()).Address.ToString());
        await controller.Vms.DeleteAsync(vm.Id);
        Assert.Equal(OperationStatus.Succeeded, (await controller.EndAsync(begun)).Status);
        Assert.Single(controller.Pools.Find(Controller.Pool)!.Drains);
        await controller.ChangeAsync(new(PoolAction.Undrain, "10.9.0.0/29"));
        Assert.Equal("10.9.0.2", (await controller.RunVmAsync()).Address.ToString());
    }

    [Fact]
    public async Task A_gateway_is_kept_until_the_last_VM_that_was_told_of_it_boots_anew_or_goes()
    {
        var controller = await _machine.StartAsync();
        var one = await controller.RunVmAsync();
        var two = await controller.RunVmAsync();
        await controller.ChangeAsync(new(PoolAction.Expand, "10.8.0.0/15"));
        Assert.Equal(["10.8.0.1", "10.9.0.1"], _machine.Network.Gateways());
        Assert.IsType<VmOutcome.NoAddress>(
            await controller.Vms.CreateAsync(new VmRequest(Address: "10.9.0.1"), null, null)
        );

        await controller.Vms.RestartAsync(one.Id, TimeSpan.Zero);
        await Eventually.TrueAsync(
            () => controller.Vms.Find(one.Id) is { Status: VmStatus.Running } vm && vm.Gateway.ToString() == "10.8.0.1",
            "a VM that boots anew is told the new gateway"
        );
        Assert.Single(controller.Pools.Find(Controller.Pool)!.KeptGateways);
        await controller.Vms.DeleteAsync(two.Id);
        await Eventually.TrueAsync(
            () => controller.Pools.Find(Controller.Pool)!.KeptGateways.Count == 0,
            "the gateway retires"
        );
        await Eventually.TrueAsync(() => _machine.Network.Gateways() is ["10.8.0.1"], "the host answers it no longer");
        await controller.RunVmAsync(new VmRequest(Address: "10.9.0.1"));
    }

    [Fact]
    public async Task A_pool_that_is_being_changed_is_not_deleted()
    {
        var controller = await _machine.StartAsync();
        var begun = await controller.BeginAsync(Expansion, confirmWithin: TimeSpan.FromMinutes(5));
        Assert.Equal(
            new PoolChangeOutcome.Changing(Controller.Pool, begun.Id),
            await controller.PoolChanges.DeleteAsync(Controller.Pool, Token)
        );
        controller.PoolChanges.Confirm(Controller.Pool);
        await controller.EndAsync(begun);
        Assert.Null(await controller.PoolChanges.DeleteAsync(Controller.Pool, Token));
    }
}
