using MasterController.Core.HostNetwork.Policies;
using MasterController.Core.Vms;
using MasterController.LinuxTests.EndToEnd;

namespace MasterController.LinuxTests.Vms;

public sealed class VmRateLimitTests : IAsyncDisposable
{
    private static readonly RateLimit Slow = new(OutBytesPerSecond: 1_000_000);
    private static readonly RateLimit Slower = new(OutBytesPerSecond: 10_000, InPacketsPerSecond: 100);

    private readonly Machine _machine = new();

    public ValueTask DisposeAsync() => _machine.DisposeAsync();

    [Fact]
    public async Task The_kernel_limits_where_the_hypervisor_does_not()
    {
        Configure(Slow);
        var controller = await _machine.StartAsync();
        var follower = await controller.RunVmAsync();
        var own = await controller.RunVmAsync(new VmRequest(RateLimit: Slower));
        var free = await controller.RunVmAsync(new VmRequest(RateLimit: new RateLimit()));

        Assert.Equal((Slow, Slower, null), (ByKernel(follower), ByKernel(own), ByKernel(free)));

        var changed = Assert.IsType<VmOutcome.Accepted>(await controller.Vms.SetRateLimitAsync(follower.Id, Slower)).Vm;
        Assert.Equal((Slower, Slower), (changed.RateLimit, ByKernel(follower)));
        Assert.IsType<VmOutcome.Accepted>(await controller.Vms.SetRateLimitAsync(follower.Id, null));
        Assert.Equal(Slow, ByKernel(follower));
    }

    [Fact]
    public async Task The_hypervisor_limits_where_it_can_and_the_kernel_does_not()
    {
        _machine.Hypervisor.LimitsTraffic = true;
        var controller = await _machine.StartAsync();
        var vm = await controller.RunVmAsync(new VmRequest(RateLimit: Slow));

        Assert.Equal(Slow, _machine.Hypervisor.Limits[vm.Id]);
        Assert.Null(ByKernel(vm));

        Assert.IsType<VmOutcome.Accepted>(await controller.Vms.SetRateLimitAsync(vm.Id, Slower));
        Assert.Equal(Slower, _machine.Hypervisor.Limits[vm.Id]);
        Assert.IsType<VmOutcome.Accepted>(await controller.Vms.SetRateLimitAsync(vm.Id, null));
        Assert.Null(_machine.Hypervisor.Limits[vm.Id]);
        Assert.Null(ByKernel(vm));
    }

    [Fact]
    public async Task A_type_that_changed_while_there_was_no_controller_is_followed_by_hypervisors_too()
    {
        _machine.Hypervisor.LimitsTraffic = true;
        var first = await _machine.StartAsync();
        var vm = await first.RunVmAsync();
        await first.CrashBetweenFilesAsync();
        Configure(Slow);

        await _machine.StartAsync();

        await Eventually.TrueAsync(() => _machine.Hypervisor.Limits[vm.Id] == Slow, "the hypervisor has been told");
        Assert.Null(ByKernel(vm));
    }

    [Fact]
    public async Task What_is_refused_names_the_field_and_the_value_and_changes_nothing()
    {
        var controller = await _machine.StartAsync();
        var vm = await controller.RunVmAsync(new VmRequest(RateLimit: Slow));

        var invalid = Assert.IsType<VmOutcome.Invalid>(
            await controller.Vms.SetRateLimitAsync(
                vm.Id,
                new RateLimit(
                    OutBytesPerSecond: 999,
                    OutBurstBytes: 65_535,
                    InBurstPackets: 5,
                    InPacketsPerSecond: null
                )
            )
        );

        Assert.Equal(["inBurstPackets", "outBurstBytes", "outBytesPerSecond"], invalid.Errors.Keys.Order());
        Assert.Equal("999 is not 1000 to 1000000000000", invalid.Errors["outBytesPerSecond"][0]);
        Assert.Equal("5 goes with inPacketsPerSecond, which is not given", invalid.Errors["inBurstPackets"][0]);
        Assert.Equal((Slow, Slow), (ByKernel(vm), controller.Vms.Find(vm.Id)!.RateLimit));
    }

    private void Configure(RateLimit? ofCli)
    {
        var types = new Dictionary<string, VmType>(_machine.Settings.Types);
        types["cli"] = types["cli"] with { RateLimit = ofCli };
        _machine.Settings = _machine.Settings with { Types = types };
    }

    private RateLimit? ByKernel(VmRecord vm) => _machine.Network.RateLimitOf(vm.Address.ToString());
}
