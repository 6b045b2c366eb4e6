using MasterController.Core.Diagnostics;
using MasterController.Linux.Addresses;
using Xunit;

namespace MasterController.Tests.Diagnostics;

public class DoctorTests
{
    private const ulong AllCapabilities = 0x1ff_ffff_ffff;

    private static readonly BinaryFacts Qemu = new("qemu-system-x86_64", "/usr/bin/qemu", "QEMU 7.2");
    private static readonly BinaryFacts NoFirecracker = new("firecracker", null, null);
    private static readonly KernelFacts GoodKernel = new(true, 65_536, 262_144, ["cpu", "memory", "pids"], true);

    private static readonly VirtualisationFacts Virtualisation = new(
        "auto",
        "auto",
        KvmError: null,
        KvmBoots: true,
        "booted in 0.4 s",
        Qemu,
        NoFirecracker
    );

    [Fact]
    public void Root_passes_and_a_missing_capability_is_named()
    {
        Assert.Equal(Verdict.Pass, PrivilegeChecks.Check(new PrivilegeFacts(AllCapabilities)).Single().Verdict);
        var finding = PrivilegeChecks.Check(new PrivilegeFacts(AllCapabilities & ~(1UL << 12))).Single();
        Assert.Equal(Verdict.Fail, finding.Verdict);
        Assert.Contains("CAP_NET_ADMIN", finding.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Devices_and_libraries_that_are_missing_fail_each_by_itself()
    {
        var findings = DeviceChecks.Check(new DeviceFacts("no such device", NfTables: false, LibNftables: false), true);
        Assert.Equal(["dev-net-tun", "nf-tables", "libnftables"], findings.Select(f => f.Code));
        Assert.All(findings, f => Assert.Equal(Verdict.Fail, f.Verdict));
        Assert.All(findings, f => Assert.False(string.IsNullOrEmpty(f.Fix)));
    }

    [Fact]
    public void In_mode_none_the_host_network_is_not_examined()
    {
        Assert.All(DeviceChecks.Check(new DeviceFacts("x", false, false), routed: false), IsSkipped);
        Assert.All(VirtualisationChecks.Check(Virtualisation, routed: false), IsSkipped);
        Assert.All(NetworkChecks.Check(new NetworkFacts([], [], null, null), routed: false), IsSkipped);
    }

    [Fact]
    public void A_good_kernel_passes() =>
        Assert.All(
            KernelChecks.Check(GoodKernel, routed: true, applied: true),
            f => Assert.Equal((Verdict.Pass, null), (f.Verdict, f.Fix))
        );

    [Theory]
    [InlineData(true, Verdict.Fail)]
    [InlineData(false, Verdict.Warn)]
    public void Forwarding_that_is_off_fails_only_under_a_running_controller(bool applied, Verdict expected) =>
        Assert.Equal(
            expected,
            Find(KernelChecks.Check(GoodKernel with { Ipv4Forwarding = false }, true, applied), "ip-forward")
        );

    [Fact]
    public void Small_tables_missing_controllers_and_a_free_clock_are_warned_of()
    {
        var findings = KernelChecks.Check(new KernelFacts(true, 1024, 8192, ["cpu"], false), true, true);
        foreach (var code in (string[])["neighbour-table", "conntrack-table", "cgroup-v2", "clock"])
            Assert.Equal(Verdict.Warn, Find(findings, code));
        Assert.Contains("memory, pids", findings.Single(f => f.Code == "cgroup-v2").Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_the_kernel_does_not_say_is_skipped()
    {
        var findings = KernelChecks.Check(new KernelFacts(null, null, null, null, null), true, true);
        Assert.Equal(
            [Verdict.Skip, Verdict.Skip, Verdict.Skip, Verdict.Warn, Verdict.Skip],
            findings.Select(f => f.Verdict)
        );
    }

    [Fact]
    public void Kvm_is_judged_by_the_boot_and_not_by_the_device()
    {
        Assert.Equal(Verdict.Pass, Kvm(Virtualisation));
        Assert.Equal(Verdict.Warn, Kvm(Virtualisation with { KvmBoots = false }));
        Assert.Equal(Verdict.Skip, Kvm(Virtualisation with { KvmBoots = null }));
        Assert.Equal(Verdict.Warn, Kvm(Virtualisation with { KvmError = "no such file" }));
        Assert.Equal(Verdict.Skip, Kvm(Virtualisation with { UseKvm = "off", KvmError = "no such file" }));
    }

    [Fact]
    public void One_hypervisor_is_enough_unless_the_other_is_wanted()
    {
        Assert.Equal(Verdict.Skip, Find(VirtualisationChecks.Check(Virtualisation, true), "firecracker"));
        var wanted = Virtualisation with { Wanted = "firecracker" };
        Assert.Equal(Verdict.Fail, Find(VirtualisationChecks.Check(wanted, true), "firecracker"));
        var none = Virtualisation with { Qemu = Qemu with { Path = null } };
        Assert.Equal(Verdict.Fail, Find(VirtualisationChecks.Check(none, true), "qemu"));
    }

    [Fact]
    public void A_pool_that_lies_in_a_network_of_the_host_fails_and_our_own_routes_do_not_count()
    {
        var facts = new NetworkFacts(
            [("default", Ipv4Network.Parse("192.168.0.0/16"))],
            [new HostRoute(Ipv4Network.Parse("192.168.100.2/32"), "fcc0a86402")],
            "eth0",
            []
        );
        Assert.All(NetworkChecks.Check(facts, true), f => Assert.Equal(Verdict.Pass, f.Verdict));
        var overlap = facts with { Routes = [new HostRoute(Ipv4Network.Parse("192.168.1.0/24"), "eth1")] };
        var finding = NetworkChecks.Check(overlap, true).Single(f => f.Code == "pool-overlap");
        Assert.Equal(Verdict.Fail, finding.Verdict);
        Assert.Contains("192.168.1.0/24 dev eth1", finding.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Foreign_drops_and_a_missing_uplink_are_warned_of()
    {
        var findings = NetworkChecks.Check(new NetworkFacts([], [], null, ["ip filter FORWARD"]), true);
        Assert.Equal(Verdict.Warn, Find(findings, "uplink"));
        Assert.Equal(Verdict.Warn, Find(findings, "forward-drop"));
    }

    [Theory]
    [InlineData(1L << 29, Verdict.Fail)]
    [InlineData(1L << 32, Verdict.Warn)]
    [InlineData(1L << 40, Verdict.Pass)]
    public void Room_on_the_disk_is_judged(long free, Verdict expected) =>
        Assert.Equal(expected, Find(StorageChecks.Check(new StorageFacts("/s", free, 1)), "disk-space"));

    [Fact]
    public void The_disk_of_a_directory_is_measured_and_nothing_is_left_in_it()
    {
        var directory = Directory.CreateTempSubdirectory("mc-doctor-");
        try
        {
            var facts = StorageFacts.Read(directory.FullName, TimeProvider.System);
            Assert.True(facts is { FreeBytes: > 0, SyncMilliseconds: > 0 });
            Assert.Empty(directory.EnumerateFileSystemInfos());
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    [Fact]
    public void Missing_tools_are_named_with_their_packages()
    {
        var finding = ImageToolChecks.Check(p => p == "apt-get").Single();
        Assert.Equal((Verdict.Warn, "apt-get install dpkg e2fsprogs"), (finding.Verdict, finding.Fix));
    }

    [Fact]
    public void Routes_are_read_as_the_kernel_writes_them()
    {
        string[] lines =
        [
            "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT",
            "eth1\t00000000\t0101A8C0\t0003\t0\t0\t100\t00000000\t0\t0\t0",
            "eth0\t00000000\t0101A8C0\t0003\t0\t0\t50\t00000000\t0\t0\t0",
            "eth0\t0001A8C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0",
        ];
        Assert.Equal([new HostRoute(Ipv4Network.Parse("192.168.1.0/24"), "eth0")], RouteTable.Parse(lines));
        Assert.Equal("eth0", RouteTable.ParseDefault(lines));
    }

    [Fact]
    public async Task Findings_come_in_the_order_of_the_families()
    {
        var first = new TaskCompletionSource<IReadOnlyList<Finding>>();
        var doctor = new Doctor(
            _ => first.Task,
            _ =>
            {
                first.SetResult([Finding.Pass("a", "")]);
                return Task.FromResult<IReadOnlyList<Finding>>([Finding.Skip("b", "")]);
            }
        );
        var findings = await doctor.ExamineAsync(TestContext.Current.CancellationToken);
        Assert.Equal(["a", "b"], findings.Select(f => f.Code));
    }

    [Fact]
    public async Task A_program_that_is_not_there_has_no_version() =>
        Assert.Equal(
            new BinaryFacts("/nonexistent/qemu", null, null),
            await BinaryProbe.AskAsync("/nonexistent/qemu", TestContext.Current.CancellationToken)
        );

    private static void IsSkipped(Finding finding) => Assert.Equal(Verdict.Skip, finding.Verdict);

    private static Verdict Kvm(VirtualisationFacts facts) => Find(VirtualisationChecks.Check(facts, true), "kvm-boot");

    private static Verdict Find(IReadOnlyList<Finding> findings, string code) =>
        findings.Single(f => f.Code == code).Verdict;
}
