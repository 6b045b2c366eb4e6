using MasterController.Core.HostNetwork;
using MasterController.Core.HostNetwork.Dedicated;
using MasterController.Core.Images;
using MasterController.Core.Vms;
using MasterController.Linux.Addresses;
using MasterController.Linux.Processes;
using Xunit;

namespace MasterController.Tests.Vms;

/// <summary>Kernel parameters, reasons and cursors, literally.</summary>
public sealed class VmWordsTests
{
    private static readonly VmRecord Vm = TestVms.Record("vm-1", "web");

    [Fact]
    public void A_guest_is_told_address_gateway_mask_name_and_resolvers()
    {
        var shared = new VmDisks("root.img", RootReadOnly: true, "overlay.img");
        var own = new VmDisks("root.img", RootReadOnly: false, Overlay: null);

        Assert.Equal(
            "ip=192.168.100.2::192.168.100.1:255.255.255.0:web:eth0:off mc.overlay=1",
            GuestArguments.For(Vm, Attached, shared, [])
        );
        Assert.Equal(
            "ip=192.168.100.2::192.168.100.1:255.255.255.0:web:eth0:off:1.1.1.1:9.9.9.9",
            GuestArguments.For(Vm, Attached, own, Resolvers("1.1.1.1", "9.9.9.9", "2620:fe::fe", "8.8.8.8"))
        );
        Assert.Equal(
            "ip=10.0.0.7:::255.255.255.254:web:eth0:off",
            GuestArguments.For(
                Vm with
                {
                    Address = Ipv4Address.Parse("10.0.0.7"),
                    Network = Ipv4Network.Parse("10.0.0.6/31"),
                    Gateway = null,
                },
                Attached,
                own,
                []
            )
        );
    }

    [Theory]
    [InlineData("", "mc.ipv6=2001:db8:1250::100:2/128,fe80::1")]
    [InlineData("2620:fe::fe", "mc.ipv6=2001:db8:1250::100:2/128,fe80::1,2620:fe::fe")]
    [InlineData(
        "1.1.1.1 2620:fe::fe 2620:fe::9 2620:fe::10",
        "mc.ipv6=2001:db8:1250::100:2/128,fe80::1,2620:fe::fe,2620:fe::9"
    )]
    public void A_guest_with_IPv6_is_told_its_address_gateway_and_resolvers_of_that_family(
        string resolvers,
        string expected
    )
    {
        var disks = new VmDisks("root.img", RootReadOnly: true, "overlay.img");
        var external = ExternalAccess.None with { Ipv6 = Ipv6Address.Parse("2001:db8:1250::100:2") };
        string For(Attachment attachment) => GuestArguments.For(Vm, attachment, disks, Resolvers(resolvers.Split(' ')));

        Assert.Equal(expected, For(Attached with { External = external }).Split(' ')[1]);
        Assert.Equal("mc.overlay=1", For(Attached with { External = external }).Split(' ')[2]);
        Assert.Equal(expected, For(Attached with { External = external, AdvertisesRouter = true }).Split(' ')[1]);
        Assert.DoesNotContain("ipv6", For(Attached));
        Assert.DoesNotContain("ipv6", For(Attached with { External = external, Mode = NetworkMode.Bridge }));
    }

    [Fact]
    public void Advertisements_tell_of_two_resolvers_of_their_family() =>
        Assert.Equal(
            [Ipv6Address.Parse("2620:fe::fe"), Ipv6Address.Parse("2620:fe::9")],
            (
                VmSettings.Default with
                {
                    Dns = Resolvers("1.1.1.1", "2620:fe::fe", "9.9.9.9", "2620:fe::9", "2620:fe::10"),
                }
            ).Resolvers6
        );

    private static readonly Attachment Attached = VmRuntime.AttachmentOf(Vm);

    private static IpAddress[] Resolvers(params string[] texts) =>
        [.. texts.Where(text => text.Length > 0).Select(IpAddress.Parse)];

    public static TheoryData<ProcessExit, string, VmStatus, string> Ends =>
        new()
        {
            { new ProcessExit(0, null), "login:", VmStatus.Stopped, "the guest ended by itself" },
            { new ProcessExit(3, null), "", VmStatus.Failed, "the hypervisor ended with exit code 3" },
            {
                new ProcessExit(null, 9),
                "a\nb\n",
                VmStatus.Failed,
                "the VM process was ended by signal 9; the console's last lines: a\nb"
            },
            {
                ProcessExit.Unknown,
                "",
                VmStatus.Failed,
                "the VM process ended while no controller was there to see how"
            },
            {
                new ProcessExit(0, null),
                "[1] Kernel panic - not syncing: x\n1\n2\n3\n4\n---[ end Kernel panic - not syncing: x ]---\n",
                VmStatus.Failed,
                "the guest's kernel panicked: [1] Kernel panic - not syncing: x; the console's last lines: "
                    + "1\n2\n3\n4\n---[ end Kernel panic - not syncing: x ]---"
            },
        };

    [Theory]
    [MemberData(nameof(Ends))]
    public void An_end_is_told_in_words(ProcessExit exit, string console, VmStatus status, string reason) =>
        Assert.Equal((status, reason), VmEnd.Explain(exit, console));

    [Fact]
    public void A_cursor_comes_back_as_it_was()
    {
        var vm = Vm with { CreatedAt = new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.FromHours(2)).AddTicks(7) };

        Assert.Equal((vm.CreatedAt, vm.Id), VmCursor.Parse(VmCursor.Format(vm)));
        Assert.Null(VmCursor.Parse(null));
    }

    [Theory]
    [InlineData("")]
    [InlineData("abc")]
    [InlineData(".vm-1")]
    [InlineData("xyz.vm-1")]
    [InlineData("ffffffffffffffff.vm-1")]
    [InlineData("7fffffffffffffff.vm-1")]
    public void What_is_no_cursor_is_refused(string text) =>
        Assert.Contains($"\"{text}\"", Assert.Throws<FormatException>(() => VmCursor.Parse(text)).Message);
}
