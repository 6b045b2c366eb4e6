using MasterController.Core.HostNetwork;
using MasterController.Core.HostNetwork.Policies;
using MasterController.Core.Vms;
using MasterController.LinuxTests.EndToEnd;
using Microsoft.Extensions.Time.Testing;

namespace MasterController.LinuxTests.Vms;

public sealed class VmEgressTests : IAsyncDisposable
{
    private static readonly EgressPolicy NothingButTls = new(false, [EgressRule.Parse("0.0.0.0/0:443/tcp")], []);
    private static readonly EgressRequest Private = new(Deny: ["10.0.0.0/8"]);

    private readonly Machine _machine = new();

    public ValueTask DisposeAsync() => _machine.DisposeAsync();

    [Fact]
    public async Task A_VM_has_its_own_policy_or_that_of_its_type()
    {
        Configure(NothingButTls);
        var controller = await _machine.StartAsync();
        var own = await controller.RunVmAsync(new VmRequest(Egress: Private));
        var follower = await controller.RunVmAsync(new VmRequest());
        var other = await controller.RunVmAsync(new VmRequest(Type: "browser"));

        Assert.Equal(Private.Read((_, _) => { }), EgressOf(own));
        Assert.Equal(NothingButTls, EgressOf(follower));
        Assert.Null(EgressOf(other));
        Assert.True(controller.Vms.EgressOf(own).IsOwn);
        Assert.Equal((NothingButTls, false), controller.Vms.EgressOf(follower));
    }

    [Fact]
    public async Task A_policy_is_stored_and_in_force_when_it_is_answered_and_can_be_given_up()
    {
        Configure(NothingButTls);
        var controller = await _machine.StartAsync();
        var vm = await controller.RunVmAsync(new VmRequest(Name: "web"));

        var changed = Assert.IsType<VmOutcome.Accepted>(await controller.Vms.SetEgressAsync("web", Private)).Vm;

        Assert.Equal(changed.Egress, EgressOf(vm));
        Assert.Equal(changed.Egress, (await StoredAsync(vm.Id)).Egress);
        await Eventually.TrueAsync(() => controller.EventsOf(vm.Id).Contains("vm.egress"), "the change is told");
        Assert.IsType<VmOutcome.Accepted>(await controller.Vms.SetEgressAsync("web", wish: null));
        Assert.Equal(NothingButTls, EgressOf(vm));
        Assert.Null((await StoredAsync(vm.Id)).Egress);
    }

    [Fact]
    public async Task A_stopped_VM_starts_with_the_policy_that_it_was_given_meanwhile()
    {
        var controller = await _machine.StartAsync();
        var vm = await controller.RunVmAsync();
        await controller.Vms.StopAsync(vm.Id, TimeSpan.Zero);
        await controller.StatusAsync(vm.Id, VmStatus.Stopped);

        Assert.IsType<VmOutcome.Accepted>(await controller.Vms.SetEgressAsync(vm.Id, Private));
        Assert.Empty(_machine.Network.Attached);
        await controller.Vms.StartAsync(vm.Id);
        await controller.StatusAsync(vm.Id, VmStatus.Running);

        Assert.Equal(Private.Read((_, _) => { }), EgressOf(vm));
    }

    [Fact]
    public async Task A_policy_given_while_a_VM_boots_is_in_force_when_it_runs()
    {
        var mayAttach = new TaskCompletionSource();
        _machine.Network.BeforeAttach = _ => mayAttach.Task;
        var controller = await _machine.StartAsync();
        var vm = await controller.AcceptAsync(new VmRequest());

        var change = controller.Vms.SetEgressAsync(vm.Id, Private);
        mayAttach.SetResult();

        Assert.IsType<VmOutcome.Accepted>(await change);
        await controller.StatusAsync(vm.Id, VmStatus.Running);
        Assert.Equal(Private.Read((_, _) => { }), EgressOf(vm));
    }

    [Fact]
    public async Task Running_VMs_follow_a_type_that_is_configured_anew()
    {
        var controller = await _machine.StartAsync();
        var follower = await controller.RunVmAsync();
        var own = await controller.RunVmAsync(new VmRequest(Egress: Private));

        Configure(NothingButTls);
        controller.Vms.FollowTypes();
        await Eventually.TrueAsync(() => EgressOf(follower) == NothingButTls, "the follower has the type's policy");
        Configure(null);
        controller.Vms.FollowTypes();
        await Eventually.TrueAsync(() => EgressOf(follower) is null, "the follower has no policy");

        Assert.Equal(Private.Read((_, _) => { }), EgressOf(own));
    }

    [Fact]
    public async Task Policies_are_put_back_by_the_next_controller()
    {
        Configure(NothingButTls);
        var first = await _machine.StartAsync();
        var own = await first.RunVmAsync(new VmRequest(Egress: Private));
        var follower = await first.RunVmAsync();
        await first.CrashBetweenFilesAsync();
        _machine.Network.AttachStray(VmRuntime.AttachmentOf(own));
        _machine.Network.AttachStray(VmRuntime.AttachmentOf(follower));

        await _machine.StartAsync();

        Assert.Equal(Private.Read((_, _) => { }), EgressOf(own));
        Assert.Equal(NothingButTls, EgressOf(follower));
    }

    [Fact]
    public async Task What_is_refused_changes_nothing()
    {
        var controller = await _machine.StartAsync();
        var vm = await controller.RunVmAsync(new VmRequest(Egress: Private));
        var before = controller.Vms.Find(vm.Id);

        var invalid = Assert.IsType<VmOutcome.Invalid>(
            await controller.Vms.SetEgressAsync(vm.Id, new EgressRequest("drop", ["10.0.0.0/8", "x"], ["10.0.0.1/8"]))
        );
        Assert.Equal(["allow[1]", "default", "deny[0]"], invalid.Errors.Keys.Order());
        Assert.IsType<VmOutcome.NotFound>(await controller.Vms.SetEgressAsync("nobody", Private));

        Assert.Same(before, controller.Vms.Find(vm.Id));
    }

    [Fact]
    public async Task What_the_kernel_refuses_is_stored_and_tried_again()
    {
        var clock = new FakeTimeProvider(DateTimeOffset.UnixEpoch);
        await using var machine = new Machine(clock);
        var controller = await machine.StartAsync();
        var vm = await controller.RunVmAsync();
        machine.Network.BeforeChange = () => Task.FromException(new HostNetworkException("no"));

        var refused = Assert.IsType<VmOutcome.NotInForce>(await controller.Vms.SetEgressAsync(vm.Id, Private));
        Assert.Equal("no", refused.Why);
        Assert.Equal(Private.Read((_, _) => { }), controller.Vms.Find(vm.Id)!.Egress);
        machine.Network.BeforeChange = () => Task.CompletedTask;

        await Eventually.TrueAsync(
            () =>
            {
                clock.Advance(TimeSpan.FromSeconds(6));
                return machine.Network.EgressOf(vm.Address.ToString()) == Private.Read((_, _) => { });
            },
            "the policy is in force"
        );
    }

    private void Configure(EgressPolicy? policyOfCli)
    {
        var types = new Dictionary<string, VmType>(_machine.Settings.Types);
        types["cli"] = types["cli"] with { Egress = policyOfCli };
        _machine.Settings = _machine.Settings with { Types = types };
    }

    private EgressPolicy? EgressOf(VmRecord vm) => _machine.Network.EgressOf(vm.Address.ToString());

    private async Task<VmRecord> StoredAsync(string id) =>
        (await _machine.Store.LoadAsync(TestContext.Current.CancellationToken)).Vms.Single(v => v.Id == id);
}
