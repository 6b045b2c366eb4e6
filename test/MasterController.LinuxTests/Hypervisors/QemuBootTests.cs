using MasterController.Core.Hypervisors;
using MasterController.Core.Hypervisors.Qemu;
using MasterController.Linux.Processes;
using Xunit;

namespace MasterController.LinuxTests.Hypervisors;

/// <summary>Real guests under QEMU with TCG, which every machine can run.</summary>
public sealed class QemuBootTests(MinimalGuest guest)
{
    private static readonly HypervisorBinary Binary =
        HypervisorBinary.Find("qemu-system-x86_64")
        ?? throw new InvalidOperationException("qemu-system-x86 is not installed");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_guest_boots_with_its_disks_in_order_and_ends_by_the_power_button()
    {
        await using var vm = new TestVm(guest, "test=wait");
        var qemu = Tcg(vm);

        var process = await qemu.StartAsync(vm.WithOverlay(8 << 20), Token);
        await vm.ConsoleSaysAsync(MinimalGuest.Ready, Token);
        Assert.Contains("vda 8192 ro 1", vm.Console);
        Assert.Contains("vdb 16384 ro 0", vm.Console);
        Assert.Contains("entropy virtio_rng.0", vm.Console);

        Assert.True(await qemu.RequestShutdownAsync(vm.Place, Token));
        var exit = await vm.ExitAsync(process, Token);
        Assert.Contains("power button", vm.Console);
        Assert.Equal(new ProcessExit(0, null), exit);
        Assert.False(await qemu.RequestShutdownAsync(vm.Place, Token));
    }

    [Fact]
    public async Task The_process_has_no_rights_beyond_its_files()
    {
        await using var vm = new TestVm(guest, "test=wait");

        var process = await Tcg(vm).StartAsync(vm.WithOverlay(1 << 20), Token);

        var uid = vm.Launch.Attachment.OwnerUid;
        var status = await File.ReadAllLinesAsync($"/proc/{process.Pid}/status", Token);
        Assert.Contains($"Uid:\t{uid}\t{uid}\t{uid}\t{uid}", status);
        Assert.Contains($"Gid:\t{uid}\t{uid}\t{uid}\t{uid}", status);
        Assert.Contains("Groups:\t ", status);
        Assert.Contains("NoNewPrivs:\t1", status);
        Assert.Contains("Seccomp:\t2", status);
        foreach (var set in (string[])["CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"])
            Assert.Contains($"{set}:\t0000000000000000", status);
    }

    [Fact]
    public async Task Nobody_else_can_read_what_belongs_to_a_vm()
    {
        await using var vm = new TestVm(guest, "test=wait");

        await Tcg(vm).StartAsync(vm.WithOverlay(1 << 20), Token);

        const UnixFileMode ownerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        Assert.Equal(ownerOnly | UnixFileMode.UserExecute, File.GetUnixFileMode(vm.Place.Path));
        Assert.All(
            [vm.Place.ControlSocket, vm.Place.ConsoleLog, vm.Place.HypervisorLog, vm.Place.OverlayDisk],
            path => Assert.Equal(ownerOnly, File.GetUnixFileMode(path))
        );
    }

    [Fact]
    public async Task A_reset_by_the_guest_is_a_good_end()
    {
        await using var vm = new TestVm(guest, "test=reset");

        var process = await Tcg(vm).StartAsync(vm.Launch, Token);

        Assert.Equal(new ProcessExit(0, null), await vm.ExitAsync(process, Token));
        Assert.Contains(MinimalGuest.Ready, vm.Console);
    }

    [Fact]
    public async Task A_panic_of_the_guest_is_a_failure()
    {
        await using var vm = new TestVm(guest, "test=panic");

        var process = await Tcg(vm).StartAsync(vm.Launch, Token);

        Assert.Equal(new ProcessExit(1, null), await vm.ExitAsync(process, Token));
        Assert.Contains("Kernel panic", vm.Console);
    }

    [Fact]
    public async Task A_killed_vm_is_reported_so()
    {
        await using var vm = new TestVm(guest, "test=wait");
        var process = await Tcg(vm).StartAsync(vm.Launch, Token);

        Assert.True(process.Signal(UnixSignal.Kill));

        Assert.Equal(new ProcessExit(null, 9), await vm.ExitAsync(process, Token));
        Assert.False(process.IsAlive);
        Assert.False(process.Signal(UnixSignal.Kill));
    }

    [Fact]
    public async Task A_vm_is_found_by_its_mark()
    {
        await using var vm = new TestVm(guest, "test=wait");
        await using var other = new TestVm(guest, "test=wait");
        var process = await Tcg(vm).StartAsync(vm.Launch, Token);
        await Tcg(other).StartAsync(other.Launch, Token);

        var found = Assert.Single(vm.Processes.Find());

        Assert.Equal(new VmProcess(vm.Launch.VmId, process, vm.Launch.Attachment.OwnerUid), found);
    }

    [Fact]
    public async Task A_start_that_fails_leaves_no_process_and_says_what_qemu_said()
    {
        await using var vm = new TestVm(guest, "test=wait");
        var broken = vm.Launch with { Image = guest.Image with { KernelElf = "/nonexistent/vmlinux" } };

        var failure = await Assert.ThrowsAsync<HypervisorException>(() => Tcg(vm).StartAsync(broken, Token));

        Assert.Contains("/nonexistent/vmlinux", failure.Message);
        Assert.Empty(vm.Processes.Find());
    }

    [Fact]
    public async Task A_link_in_the_vms_directory_is_not_followed()
    {
        await using var vm = new TestVm(guest, "test=wait");
        File.CreateSymbolicLink(vm.Place.ConsoleLog, "/etc/hostname");

        var failure = await Assert.ThrowsAsync<HypervisorException>(() => Tcg(vm).StartAsync(vm.Launch, Token));

        Assert.Contains(vm.Place.ConsoleLog, failure.Message);
        Assert.Empty(vm.Processes.Find());
    }

    [Fact]
    public async Task A_state_directory_that_is_too_deep_for_sockets_is_named()
    {
        await using var vm = new TestVm(guest, "test=wait");
        var deep = vm.Launch with { Directory = new VmDirectory($"/tmp/{new string('x', 100)}") };

        var failure = await Assert.ThrowsAsync<HypervisorException>(() => Tcg(vm).StartAsync(deep, Token));

        Assert.Contains("118 bytes, 106 are possible", failure.Message);
    }

    [Fact]
    public async Task Its_version_is_known_and_so_is_what_is_not_installed()
    {
        var options = new HypervisorOptions(FirecrackerPath: "/nonexistent/firecracker");

        var facts = await HypervisorFacts.ReadAsync(options, Token);

        Assert.Equal(Binary.Path, facts.Qemu?.Path);
        Assert.True(facts.Qemu?.Version >= new Version(5, 0), $"{facts.Qemu}");
        Assert.Null(facts.Firecracker);
    }

    [Fact]
    public async Task A_start_that_is_given_up_leaves_no_process()
    {
        await using var vm = new TestVm(guest, "test=wait");
        using var giveUp = new CancellationTokenSource(TimeSpan.FromMilliseconds(1));

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Tcg(vm).StartAsync(vm.Launch, giveUp.Token));

        Assert.Empty(vm.Processes.Find());
    }

    [Fact]
    public async Task A_stopped_vm_starts_again_in_its_directory()
    {
        await using var vm = new TestVm(guest, "test=reset");
        var qemu = Tcg(vm);
        await vm.ExitAsync(await qemu.StartAsync(vm.Launch, Token), Token);

        var second = await qemu.StartAsync(vm.Launch, Token);

        Assert.Equal(new ProcessExit(0, null), await vm.ExitAsync(second, Token));
        Assert.Equal(2, vm.Console.Split(MinimalGuest.Ready).Length - 1);
    }

    [Fact]
    public async Task The_console_can_be_cut_while_the_guest_writes()
    {
        await using var vm = new TestVm(guest, "test=wait");
        var qemu = Tcg(vm);
        var process = await qemu.StartAsync(vm.Launch, Token);
        await vm.ConsoleSaysAsync(MinimalGuest.Ready, Token);

        using (var console = SharedDirectoryFile.OpenForWriting(vm.Place.ConsoleLog))
            RandomAccess.SetLength(console, 0);
        Assert.True(await qemu.RequestShutdownAsync(vm.Place, Token));
        await vm.ExitAsync(process, Token);

        Assert.StartsWith("power button", vm.Console);
    }

    [Fact]
    public async Task The_network_card_has_the_attachments_mac_and_an_inherited_tap()
    {
        await using var vm = new TestVm(guest, "test=wait");
        vm.WithTap(_ => PrivateTap.OpenAsync(vm.Launch.Attachment.TapName));

        await Tcg(vm).StartAsync(vm.Launch, Token);

        await vm.ConsoleSaysAsync($"mac {vm.Launch.Attachment.Mac}", Token);
    }

    private static QemuHypervisor Tcg(TestVm vm) => new(Binary, QemuAccelerator.Tcg, vm.Processes);
}
