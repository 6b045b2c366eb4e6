using MasterController.Core.Diagnostics;
using MasterController.Core.Hypervisors;
using MasterController.Core.Images;
using MasterController.Linux.Processes;
using Xunit;

namespace MasterController.Tests.Diagnostics;

public class DoctorTests
{
    private const ulong AllCapabilities = 0x1ff_ffff_ffff;

    private static readonly VirtualisationFacts Virtualisation = new(
        new HypervisorOptions(),
        new HypervisorFacts(
            new InstalledHypervisor("/usr/bin/qemu", new Version(7, 2)),
            Firecracker: null,
            new DeviceAccess.Anyone()
        ),
        KvmBoots: true,
        "booted in 0.4 s"
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
    public void In_mode_none_hypervisors_are_not_examined() =>
        Assert.All(VirtualisationChecks.Check(Virtualisation, routed: false), IsSkipped);

    [Fact]
    public void A_good_kernel_passes() =>
        Assert.All(
            KernelChecks.Check(new KernelFacts(["cpu", "memory", "pids"], true)),
            f => Assert.Equal((Verdict.Pass, null), (f.Verdict, f.Fix))
        );

    [Fact]
    public void Missing_controllers_and_a_free_clock_are_warned_of()
    {
        var findings = KernelChecks.Check(new KernelFacts(["cpu"], false));
        Assert.All(findings, f => Assert.Equal(Verdict.Warn, f.Verdict));
        Assert.Contains("memory, pids", findings.Single(f => f.Code == "cgroup-v2").Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_cgroup_v2_there_is_a_warning_and_a_clock_that_is_not_known_is_skipped() =>
        Assert.Equal(
            [Verdict.Warn, Verdict.Skip],
            KernelChecks.Check(new KernelFacts(null, null)).Select(f => f.Verdict)
        );

    [Fact]
    public void Kvm_is_judged_by_the_boot_and_not_by_the_device()
    {
        Assert.Equal(Verdict.Pass, Kvm(Virtualisation));
        Assert.Equal(Verdict.Warn, Kvm(Virtualisation with { KvmBoots = false }));
        Assert.Equal(Verdict.Skip, Kvm(Virtualisation with { KvmBoots = null }));
        Assert.Equal(Verdict.Warn, Kvm(WithoutKvm));
        Assert.Equal(Verdict.Skip, Kvm(WithoutKvm with { Options = new HypervisorOptions(UseKvm: "off") }));
    }

    [Fact]
    public void One_hypervisor_is_enough_unless_the_other_is_wanted()
    {
        Assert.Equal(Verdict.Skip, Find(VirtualisationChecks.Check(Virtualisation, true), "firecracker"));
        var wanted = Virtualisation with { Options = new HypervisorOptions("firecracker") };
        Assert.Equal(Verdict.Fail, Find(VirtualisationChecks.Check(wanted, true), "firecracker"));
        var none = Virtualisation with { Installed = Virtualisation.Installed with { Qemu = null } };
        Assert.Equal(Verdict.Fail, Find(VirtualisationChecks.Check(none, true), "qemu"));
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
    public void An_outdated_image_is_named_with_what_builds_it_anew()
    {
        ImageInfo Image(string name, bool isOutdated) =>
            new(name, "6.1", 1, "00", DateTimeOffset.UnixEpoch, isOutdated);

        Assert.Equal(Verdict.Skip, ImageChecks.Check([]).Single().Verdict);
        Assert.Equal(Verdict.Pass, ImageChecks.Check([Image("golden", false)]).Single().Verdict);
        var finding = ImageChecks.Check([Image("golden", true), Image("new", false), Image("old", true)]).Single();
        Assert.Equal(Verdict.Warn, finding.Verdict);
        Assert.Contains("guests of golden, old do not configure IPv6", finding.Message);
        Assert.StartsWith("mctl image build golden; mctl image build old;", finding.Fix);
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

    private static VirtualisationFacts WithoutKvm { get; } =
        Virtualisation with
        {
            Installed = Virtualisation.Installed with { Kvm = new DeviceAccess.Nobody("no such file") },
        };

    private static void IsSkipped(Finding finding) => Assert.Equal(Verdict.Skip, finding.Verdict);

    private static Verdict Kvm(VirtualisationFacts facts) => Find(VirtualisationChecks.Check(facts, true), "kvm-boot");

    private static Verdict Find(IReadOnlyList<Finding> findings, string code) =>
        findings.Single(f => f.Code == code).Verdict;
}
