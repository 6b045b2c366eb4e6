using System.Runtime.CompilerServices;
using MasterController.Linux;
using MasterController.Linux.Namespaces;
using MasterController.Linux.Netlink;
using MasterController.Linux.Taps;
using MasterController.LinuxTests.EndToEnd;
using Xunit;

namespace MasterController.LinuxTests.Taps;

public sealed class TapTests
{
    [Fact]
    public async Task A_tap_that_was_not_made_persistent_goes_with_its_descriptor()
    {
        using var space = NetworkNamespace.Create();
        using var netlink = space.Run(NetlinkSocket.Open);
        using (space.Run(() => Tap.TryCreate("tap0", 7)))
            Assert.Equal(new TapDetails(7, true, false), netlink.FindLink("tap0")?.Tap);

        // A process that another test starts just then has the descriptor too, until it becomes its program.
        await Eventually.TrueAsync(() => Task.FromResult(netlink.FindLink("tap0") is null), "the TAP is gone");
    }

    [Fact]
    public void A_persistent_one_stays_and_can_be_opened_once()
    {
        using var space = NetworkNamespace.Create();
        using var netlink = space.Run(NetlinkSocket.Open);
        using (var made = space.Run(() => Tap.TryCreate("tap0", 7)))
            Tap.MakePersistent(made!, "tap0");
        Assert.Equal(new TapDetails(7, true, true), netlink.FindLink("tap0")?.Tap);

        using var opened = space.Run(() => Tap.Open("tap0"));
        var failure = Assert.Throws<TapException>(() => space.Run(() => Tap.Open("tap0")));
        Assert.Contains("in use", failure.Message);
    }

    [Fact]
    public void A_name_that_is_taken_is_not_taken_over()
    {
        using var space = NetworkNamespace.Create();
        using var first = space.Run(() => Tap.TryCreate("tap0", 7));

        Assert.Null(space.Run(() => Tap.TryCreate("tap0", 8)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("sixteen-bytes-xx")]
    public void A_name_that_the_kernel_cannot_hold_is_refused(string name)
    {
        Assert.Throws<ArgumentException>(() => Tap.TryCreate(name, 0));
    }

    [Fact]
    public void Struct_ifreq_has_the_kernels_size() => Assert.Equal(40, Unsafe.SizeOf<InterfaceRequest>());
}
