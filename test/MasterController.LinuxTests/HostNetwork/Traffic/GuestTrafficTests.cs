using MasterController.Core.HostNetwork;
using MasterController.Core.HostNetwork.Traffic;
using MasterController.Linux.Addresses;
using Xunit;

namespace MasterController.LinuxTests.HostNetwork.Traffic;

public sealed class GuestTrafficTests
{
    private static readonly Attachment A = TestHost.At("192.168.100.2");
    private static readonly Attachment B = TestHost.At("192.168.100.3");

    [Fact]
    public async Task Counts_what_a_guest_sends_and_is_given_and_only_its_own()
    {
        await using var host = await TestHost.StartAsync();
        await host.ApplyAsync(TestHost.Desired(A, B));
        using var guest = await host.PlugInAsync(A);
        using var silent = await host.PlugInAsync(B);
        var router = guest.Router;
        var before = (await ReadAsync(host))[A.Address];

        guest.Send(Frames.Udp(router, guest.Mac, guest.Address, TestHost.InternetAddress, 9, new string('x', 100)));
        guest.Send(Frames.Udp(router, guest.Mac, guest.Address, TestHost.InternetAddress, 9, new string('x', 100)));
        Assert.True(guest.Ping(TestHost.Gateway));

        var all = await ReadAsync(host);
        var (after, one) = (all[A.Address], await ReadAsync(host, A));
        // A ping is followed by an ARP request, whose answer ends the wait for it.
        Assert.Equal(4, after.Out.Packets - before.Out.Packets);
        Assert.InRange(after.Out.Bytes - before.Out.Bytes, 2 * 142 + 2 * 42, 2 * 142 + 150);
        // The answers to both, and that nobody listens on the far side's port.
        Assert.InRange(after.In.Packets - before.In.Packets, 1, 4);
        Assert.InRange(after.In.Bytes - before.In.Bytes, 42, 600);
        Assert.Equal(after, one);
        Assert.Equal([A.Address, B.Address], all.Keys.Order());
        Assert.Equal(0, all[B.Address].Out.Packets);
    }

    [Fact]
    public async Task Nothing_is_counted_of_interfaces_that_are_not_ours()
    {
        await using var host = await TestHost.StartAsync();
        await host.ApplyAsync(TestHost.Desired(A));
        host.Host("ip tuntap add fcc0a86403 mode tap");

        Assert.Equal([A.Address], (await ReadAsync(host)).Keys);
        Assert.Null(await ReadAsync(host, B));
    }

    [Fact]
    public async Task A_vm_that_is_attached_anew_begins_at_nothing_and_one_that_is_gone_is_not_listed()
    {
        await using var host = await TestHost.StartAsync();
        await host.ApplyAsync(TestHost.Desired(A, B));
        using (var guest = await host.PlugInAsync(A))
            guest.Ping(TestHost.Gateway);
        Assert.NotEqual(default, (await ReadAsync(host))[A.Address]);

        await host.DetachAsync(A);
        Assert.Equal([B.Address], (await ReadAsync(host)).Keys);
        Assert.Null(await ReadAsync(host, A));

        await host.AttachAsync(A);
        Assert.Equal(default, (await ReadAsync(host))[A.Address].Out);
    }

    [Fact]
    public async Task Packets_that_a_guest_does_not_take_are_counted_as_dropped()
    {
        await using var host = await TestHost.StartAsync();
        await host.ApplyAsync(TestHost.Desired(A));
        using (var guest = await host.PlugInAsync(A))
        {
            // More than the queue of a TAP holds (tun.c, TUN_READQ_SIZE 500) while nobody reads.
            using var sender = host.ListenOnHost(9);
            for (var i = 0; i < 2_000; i++)
                sender.SendTo("x"u8, new System.Net.IPEndPoint(A.Address.ToIPAddress(), 9));
            var traffic = await ReadAsync(host, A);
            Assert.True(traffic!.Value.In.Dropped > 0, traffic.ToString());
        }
    }

    private static Task<IReadOnlyDictionary<Ipv4Address, GuestTraffic>> ReadAsync(TestHost host) =>
        host.Network.ReadTrafficAsync(TestContext.Current.CancellationToken);

    private static Task<GuestTraffic?> ReadAsync(TestHost host, Attachment attachment) =>
        host.Network.ReadTrafficAsync(attachment, TestContext.Current.CancellationToken);
}
