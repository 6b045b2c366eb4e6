using MasterController.Core.Hypervisors;
using MasterController.Core.Hypervisors.Qemu;
using Xunit;

namespace MasterController.Tests.Hypervisors;

public sealed class QemuArgumentsTests
{
    private static readonly QemuHost TcgHost = new(QemuAccelerator.Tcg, new Version(7, 2, 22), 2_300_000, 3, 4);
    private static readonly QemuHost KvmHost = TcgHost with { Accelerator = QemuAccelerator.Kvm };

    [Fact]
    public void A_vm_under_tcg() =>
        Assert.Equal(
            """
            -name vm-1
            -no-user-config -nodefaults -display none -no-reboot -action panic=exit-failure
            -sandbox on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny
            -M microvm,acpi=on,rtc=on,mem-merge=off,dump-guest-core=off
            -accel tcg,tb-size=256 -cpu max -smp 2 -m 512M
            -kernel /i/vmlinux -initrd /i/initramfs
            -append console=ttyS0 quiet reboot=t panic=-1 tsc_early_khz=2300000 tsc=reliable ip=192.168.100.2::192.168.100.1:255.255.255.0::eth0:off
            -chardev file,id=console,path=/s/vms/vm-1/console.log,append=on -serial chardev:console
            -chardev socket,id=qmp,fd=4,server=on,wait=off -mon chardev=qmp,mode=control
            -global virtio-mmio.force-legacy=false -device pvpanic
            -object rng-random,id=entropy,filename=/dev/urandom
            -blockdev driver=raw,node-name=root,read-only=on,discard=unmap,file.driver=file,file.filename=/i/root.img
            -device virtio-blk-device,drive=root
            -blockdev driver=raw,node-name=overlay,read-only=off,discard=unmap,file.driver=file,file.filename=/s/vms/vm-1/overlay.img
            -device virtio-blk-device,drive=overlay
            -netdev tap,id=net,fd=3,vhost=off -device virtio-net-device,netdev=net,mac=02:fc:c0:a8:64:02
            -device virtio-rng-device,rng=entropy
            """.ReplaceLineEndings(" "),
            Line(TestLaunch.Vm, TcgHost)
        );

    [Fact]
    public void Under_kvm_the_guest_has_the_hosts_processor_and_measures_time_itself()
    {
        var line = Line(TestLaunch.Vm, KvmHost);

        Assert.Contains("-accel kvm -cpu host ", line);
        Assert.DoesNotContain("tsc", line);
    }

    [Fact]
    public void Without_a_known_rate_the_guest_is_told_none() =>
        Assert.DoesNotContain("tsc", Line(TestLaunch.Vm, TcgHost with { TscKilohertz = null }));

    [Fact]
    public void Without_a_tap_there_is_no_network_card() =>
        Assert.DoesNotContain("net", Line(TestLaunch.Vm, TcgHost with { TapDescriptor = null }).Replace("::eth0", ""));

    [Theory]
    [InlineData("7.0", false)]
    [InlineData("7.1", true)]
    [InlineData("10.0.2", true)]
    public void A_panic_is_an_exit_status_where_the_version_knows_it(string version, bool known) =>
        Assert.Equal(known, Line(TestLaunch.Vm, TcgHost with { Version = Version.Parse(version) }).Contains("-action"));

    [Fact]
    public void A_private_root_is_writable_and_the_only_disk()
    {
        var vm = TestLaunch.Vm with { Disks = new("/s/vms/vm-1/root.img", RootReadOnly: false, Overlay: null) };

        var line = Line(vm, TcgHost);

        Assert.Contains("node-name=root,read-only=off", line);
        Assert.DoesNotContain("overlay", line);
    }

    [Fact]
    public void A_comma_in_a_path_does_not_end_it()
    {
        var line = Line(TestLaunch.Vm with { Directory = new VmDirectory("/s,readonly=on/vm") }, TcgHost);

        Assert.Contains("path=/s,,readonly=on/vm/console.log,append=on", line);
    }

    [Theory]
    [InlineData("bogomips\t: 4600.00", 2_300_000)]
    [InlineData("cpu MHz\t\t: 2300.123", 2_300_123)]
    [InlineData("BogoMIPS\t: 50.00", null)]
    [InlineData("bogomips\t: ?", null)]
    public void The_rate_of_the_counter_is_read_from_cpuinfo(string line, int? kilohertz) =>
        Assert.Equal(kilohertz, HostTsc.Parse(["processor\t: 0", line]));

    [Fact]
    public void The_momentary_clock_of_a_core_does_not_count_where_the_rate_is_known() =>
        Assert.Equal(2_300_000, HostTsc.Parse(["cpu MHz\t\t: 800.000", "bogomips\t: 4600.00"]));

    private static string Line(VmLaunch launch, QemuHost host) => string.Join(' ', QemuArguments.Build(launch, host));
}
