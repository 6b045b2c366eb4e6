using MasterController.Core.Hypervisors;
using MasterController.Core.Images;
using MasterController.Core.Images.Build;
using MasterController.Linux.Files;
using MasterController.LinuxTests.EndToEnd;
using MasterController.Tests.Images;
using Xunit;

namespace MasterController.LinuxTests.Images;

/// <summary>Boots the real image and looks from outside, and through the console's shell.</summary>
public sealed class GuestTests(BuiltImage built) : IDisposable
{
    private const string Address = "192.168.0.2";
    private const string Ip =
        $"ip={Address}::{TestNamespace.Gateway}:255.255.0.0:guest-a:eth0:off:192.0.2.53:192.0.2.54";

    private readonly ScratchDirectory _scratch = new();
    private readonly TestNamespace _network = new();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _network.Dispose();
        _scratch.Dispose();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_guest_answers_at_its_address_and_keeps_its_files_across_a_restart(bool overlay)
    {
        var image = await built.GetAsync(Cancelled);
        var baseBefore = await Sha256.OfFileAsync(image.RootDisk, Cancelled);
        var disks = overlay ? await OverlayDisksAsync(image) : PrivateRoot(image);
        var parameters = $"{Ip} mc.shell=1{(overlay ? " mc.overlay=1" : "")}";

        await using (var first = Boot(image, disks, parameters))
        {
            Assert.Equal(Address, await first.WaitUntilReadyAsync(Cancelled));
            Assert.True(_network.Pings(Address));
            await first.ShellAsync("echo kept >/root/file; rm /etc/profile", Cancelled);
            await first.PressPowerButtonAsync(Cancelled);
            Assert.Equal(0, await first.WaitForEndAsync(Cancelled));
            Assert.Single(first.Console.Split('\n'), line => line.StartsWith("master-controller:"));
        }
        await using (var second = Boot(image, disks, parameters))
        {
            await second.WaitUntilReadyAsync(Cancelled);
            Assert.Equal("kept\n", await second.ShellAsync("cat /root/file; ls /etc/profile 2>/dev/null", Cancelled));
        }
        Assert.Equal(baseBefore, await Sha256.OfFileAsync(image.RootDisk, Cancelled));
    }

    [Fact]
    public async Task The_network_is_as_the_command_line_says()
    {
        var image = await built.GetAsync(Cancelled);
        await using var guest = Boot(image, await OverlayDisksAsync(image), $"{Ip} mc.overlay=1 mc.shell=1");
        await guest.WaitUntilReadyAsync(Cancelled);

        Assert.Equal("guest-a\n", await guest.ShellAsync("hostname", Cancelled));
        Assert.Equal(
            "nameserver 192.0.2.53\nnameserver 192.0.2.54\n",
            await guest.ShellAsync("cat /etc/resolv.conf", Cancelled)
        );
        Assert.Contains($"inet {Address}/16 ", await guest.ShellAsync("ip address show eth0", Cancelled));
        Assert.StartsWith(
            $"default via {TestNamespace.Gateway} dev eth0",
            await guest.ShellAsync("ip route", Cancelled)
        );
        Assert.Contains("0% packet loss", await guest.ShellAsync($"ping -c 2 -q {TestNamespace.Gateway}", Cancelled));
        await guest.ShellAsync("mkdir /site; echo hello >/site/index.html; httpd -p 81 -h /site", Cancelled);
        Assert.Equal("hello\n", _network.Fetch($"http://{Address}:81/"));
    }

    [Fact]
    public async Task A_guest_has_the_IPv6_that_it_is_told_and_answers_there_at_once()
    {
        const string Ipv6 = "2001:db8:1250::100:2";
        _network.GiveGateway6(Ipv6);
        var image = await built.GetAsync(Cancelled);
        await using var guest = Boot(
            image,
            await OverlayDisksAsync(image),
            $"{Ip} mc.ipv6={Ipv6}/128,fe80::1,2001:db8::53,2001:db8::54 mc.overlay=1 mc.shell=1"
        );
        await guest.WaitUntilReadyAsync(Cancelled);

        Assert.True(_network.Pings(Ipv6));
        Assert.True(_network.Pings(Address));
        var addresses = await guest.ShellAsync("ip -6 address show eth0", Cancelled);
        Assert.Contains($"inet6 {Ipv6}/128 scope global", addresses);
        // What the host knows the guest by is made of its MAC, 02:fc:c0:a8:00:02. The kernel makes it when it has seen the
        // carrier, which under load may be after whatever is asked here.
        Assert.Equal("0\n", await guest.ShellAsync("cat /proc/sys/net/ipv6/conf/eth0/addr_gen_mode", Cancelled));
        Assert.All(
            addresses.Split('\n').Where(line => line.Contains("inet6 fe80", StringComparison.Ordinal)),
            line => Assert.Contains("inet6 fe80::fc:c0ff:fea8:2/64 scope link", line)
        );
        Assert.DoesNotContain("tentative", addresses);
        Assert.Contains("default via fe80::1 dev eth0", await guest.ShellAsync("ip -6 route", Cancelled));
        Assert.Contains("0% packet loss", await guest.ShellAsync("ping -6 -c 2 -q 2001:db8:f::2", Cancelled));
        Assert.Equal(
            "nameserver 192.0.2.53\nnameserver 192.0.2.54\nnameserver 2001:db8::53\nnameserver 2001:db8::54\n",
            await guest.ShellAsync("cat /etc/resolv.conf", Cancelled)
        );
    }

    [Fact]
    public async Task A_guest_that_is_told_of_no_IPv6_has_none_and_asks_for_none()
    {
        _network.GiveGateway6("2001:db8:1250::100:2");
        var image = await built.GetAsync(Cancelled);
        await using var guest = Boot(image, await OverlayDisksAsync(image), $"{Ip} mc.overlay=1 mc.shell=1");
        await guest.WaitUntilReadyAsync(Cancelled);

        Assert.Equal("", await guest.ShellAsync("ip -6 address show eth0", Cancelled));
        Assert.Equal("1\n", await guest.ShellAsync("cat /proc/sys/net/ipv6/conf/eth0/disable_ipv6", Cancelled));
        Assert.True(_network.Pings(Address));
    }

    [Theory]
    [InlineData("nonsense/128,fe80::1")]
    [InlineData("2001:db8:1250::100:2/128,nonsense")]
    public async Task A_guest_that_is_told_nonsense_says_so_and_ends(string ipv6)
    {
        var image = await built.GetAsync(Cancelled);
        await using var guest = Boot(image, await OverlayDisksAsync(image), $"{Ip} mc.ipv6={ipv6} mc.overlay=1");

        Assert.Equal(0, await guest.WaitForEndAsync(Cancelled));
        Assert.Contains($"master-controller: guest failed: mc.ipv6={ipv6}\n", guest.Console);
    }

    [Fact]
    public async Task A_gateway_outside_the_mask_is_reached_on_the_link()
    {
        var image = await built.GetAsync(Cancelled);
        await using var guest = Boot(
            image,
            await OverlayDisksAsync(image),
            $"ip=192.168.7.9::{TestNamespace.Gateway}:255.255.255.0::eth0:off mc.overlay=1 mc.shell=1"
        );

        Assert.Equal("192.168.7.9", await guest.WaitUntilReadyAsync(Cancelled));
        Assert.True(_network.Pings("192.168.7.9"));
        Assert.Contains("192.168.0.1 dev eth0", await guest.ShellAsync("ip route", Cancelled));
    }

    [Fact]
    public async Task Without_mc_shell_nobody_is_asked_to_log_in()
    {
        var image = await built.GetAsync(Cancelled);
        await using var guest = Boot(image, await OverlayDisksAsync(image), $"{Ip} mc.overlay=1");
        await guest.WaitUntilReadyAsync(Cancelled);
        await guest.PressPowerButtonAsync(Cancelled);
        await guest.WaitForEndAsync(Cancelled);

        Assert.DoesNotContain("# ", guest.Console);
        Assert.DoesNotContain("login", guest.Console);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_probe_says_so_and_ends_by_itself(bool bzImage)
    {
        var image = await built.GetAsync(Cancelled);
        await using var guest = Boot(image, await OverlayDisksAsync(image), "mc.probe=1", bzImage);

        Assert.Equal(0, await guest.WaitForEndAsync(Cancelled));
        Assert.Contains("master-controller: probe ok\n", guest.Console);
        Assert.DoesNotContain("guest ready", guest.Console);
    }

    [Fact]
    public async Task A_guest_without_its_overlay_disk_says_why_and_ends()
    {
        var image = await built.GetAsync(Cancelled);
        await using var guest = Boot(
            image,
            new VmDisks(image.RootDisk, RootReadOnly: true, Overlay: null),
            "mc.overlay=1"
        );

        Assert.Equal(0, await guest.WaitForEndAsync(Cancelled));
        Assert.Contains("master-controller: guest failed: the overlay disk cannot be mounted\n", guest.Console);
    }

    [Fact]
    public async Task A_panic_ends_the_machine()
    {
        var image = await built.GetAsync(Cancelled);
        await using var guest = Boot(image, await OverlayDisksAsync(image), $"{Ip} mc.overlay=1 mc.shell=1");
        await guest.SendAsync("echo c >/proc/sysrq-trigger", Cancelled);

        Assert.Equal(0, await guest.WaitForEndAsync(Cancelled));
        Assert.Contains("Kernel panic", guest.Console);
    }

    private GuestMachine Boot(ImageFiles image, VmDisks disks, string parameters, bool bzImage = false) =>
        GuestMachine.Start(_scratch.Path, _network, image, disks, parameters, bzImage);

    /// <summary>As the disk store makes them where files cannot be reflinked; there the root would be writable.</summary>
    private async Task<VmDisks> OverlayDisksAsync(ImageFiles image)
    {
        var overlay = _scratch["overlay.img"];
        await using (var template = File.OpenRead(image.OverlayTemplate))
        await using (var copy = File.Create(overlay))
            FileExtents.CopySparse(template.SafeFileHandle, copy.SafeFileHandle, Cancelled);
        return new VmDisks(image.RootDisk, RootReadOnly: true, overlay);
    }

    /// <summary>What a reflink is to the guest: a root disk of its own.</summary>
    private VmDisks PrivateRoot(ImageFiles image)
    {
        var root = _scratch["root.img"];
        using var source = File.OpenRead(image.RootDisk);
        using var copy = File.Create(root);
        FileExtents.CopySparse(source.SafeFileHandle, copy.SafeFileHandle, Cancelled);
        return new VmDisks(root, RootReadOnly: false, Overlay: null);
    }
}
