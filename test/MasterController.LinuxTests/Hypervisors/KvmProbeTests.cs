using MasterController.Core.HostNetwork.Policies;
using MasterController.Core.Hypervisors;
using MasterController.Core.Hypervisors.Qemu;
using MasterController.Linux.Processes;
using Xunit;

namespace MasterController.LinuxTests.Hypervisors;

public sealed class KvmProbeTests(MinimalGuest guest)
{
    private static readonly TimeSpan Ample = TimeSpan.FromMinutes(3);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_guest_that_comes_up_is_a_yes_and_leaves_nothing()
    {
        await using var vm = new TestVm(guest, "");
        var qemu = new QemuHypervisor(Qemu, QemuAccelerator.Tcg, vm.Processes);

        var verdict = await Probe(vm, qemu, Ample).RunAsync(guest.Image, "key", Token);

        Assert.True(verdict.Boots, verdict.Detail);
        Assert.Equal("key", verdict.Key);
        AssertNothingLeft(vm);
    }

    [Fact]
    public async Task A_guest_that_hangs_is_a_no_within_the_limit_and_leaves_nothing()
    {
        await using var vm = new TestVm(guest, "");

        var verdict = await Probe(vm, new HangingHypervisor(vm.Processes), TimeSpan.FromSeconds(1))
            .RunAsync(guest.Image, "key", Token);

        Assert.False(verdict.Boots);
        Assert.Equal("no guest booted under hanging within 1 s: nothing on its console", verdict.Detail);
        AssertNothingLeft(vm);
    }

    [Fact]
    public async Task A_hypervisor_that_refuses_is_a_no_with_its_words()
    {
        await using var vm = new TestVm(guest, "");
        var qemu = new QemuHypervisor(Qemu, QemuAccelerator.Tcg, vm.Processes);
        var broken = guest.Image with { KernelElf = "/nonexistent/vmlinux" };

        var verdict = await Probe(vm, qemu, Ample).RunAsync(broken, "key", Token);

        Assert.False(verdict.Boots);
        Assert.Contains("/nonexistent/vmlinux", verdict.Detail);
        AssertNothingLeft(vm);
    }

    [Fact]
    public async Task The_verdict_on_kvm_here_comes_in_time_and_leaves_nothing()
    {
        await using var vm = new TestVm(guest, "");
        var qemu = new QemuHypervisor(Qemu, QemuAccelerator.Kvm, vm.Processes);

        var verdict = await Probe(vm, qemu, KvmProbe.DefaultLimit).RunAsync(guest.Image, "key", Token);

        // Where nobody may open the device there is no guest to time.
        var usable = DeviceAccess.Of(HypervisorFacts.KvmDevice) is not DeviceAccess.Nobody;
        Assert.True(usable || !verdict.Boots, verdict.Detail);
        Assert.NotEmpty(verdict.Detail);
        TestContext.Current.TestOutputHelper?.WriteLine(verdict.ToString());
        AssertNothingLeft(vm);
    }

    private static HypervisorBinary Qemu =>
        HypervisorBinary.Find("qemu-system-x86_64")
        ?? throw new InvalidOperationException("qemu-system-x86 is not installed");

    private static KvmProbe Probe(TestVm vm, IHypervisor hypervisor, TimeSpan limit) =>
        new(hypervisor, vm.Processes, ProbeDirectory(vm), limit, TimeProvider.System);

    private static string ProbeDirectory(TestVm vm) => Path.Combine(Path.GetDirectoryName(vm.Place.Path)!, "probe");

    private static void AssertNothingLeft(TestVm vm)
    {
        Assert.Empty(vm.Processes.Find());
        Assert.False(Directory.Exists(ProbeDirectory(vm)));
    }

    /// <summary>Runs, and shows nothing: as QEMU does where KVM opens and no kernel gets anywhere.</summary>
    private sealed class HangingHypervisor(VmProcesses processes) : IHypervisor
    {
        public string Name => "hanging";

        public Task<ProcessIdentity> StartAsync(VmLaunch launch, CancellationToken cancellationToken) =>
            processes.StartAsync(
                launch,
                new VmCommand("sleep", "/bin/sleep", ["1000"], null, [], null, VmCommand.LimitsOf(launch, 0)),
                _ => Task.CompletedTask,
                cancellationToken
            );

        public bool LimitsTraffic => false;

        public Task LimitAsync(VmDirectory directory, RateLimit? limit, CancellationToken cancellationToken) =>
            Task.FromException(new NotSupportedException());

        public Task<bool> RequestShutdownAsync(VmDirectory directory, CancellationToken cancellationToken) =>
            Task.FromResult(false);
    }
}
