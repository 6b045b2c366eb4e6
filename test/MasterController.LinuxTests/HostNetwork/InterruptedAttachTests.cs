using MasterController.Linux.Netlink;
using Xunit;

namespace MasterController.LinuxTests.HostNetwork;

/// <summary>What a crash leaves of attachments, and what the next controller makes of it.</summary>
public sealed class InterruptedAttachTests
{
    private const string Tap = "fcc0a86402";

    // As AttachmentSetup makes one: a TAP that is persistent already carries our group, since that comes first.
    private static readonly string[] Steps =
    [
        $"ip tuntap add dev {Tap} mode tap user 4711 vnet_hdr",
        $"ip link set dev {Tap} group 26211",
        $"sysctl -q -w net.ipv6.conf.{Tap}.disable_ipv6=1",
        $"sysctl -q -w net.ipv4.neigh.{Tap}.proxy_delay=0",
        $"ip link set dev {Tap} address 02:fc:00:00:00:01",
        $"sysctl -q -w net.ipv4.conf.{Tap}.forwarding=1",
        $"sysctl -q -w net.ipv4.conf.{Tap}.proxy_arp=1",
        $"sysctl -q -w net.ipv4.conf.{Tap}.rp_filter=1",
        $"ip link set dev {Tap} up",
        "ip route add 192.168.100.2/32 dev fcc0a86402 src 192.168.100.1 proto 252",
        "ip neighbour add 192.168.100.2 lladdr 02:fc:c0:a8:64:02 dev fcc0a86402 nud permanent",
    ];

    public static TheoryData<int> Prefixes => [.. Enumerable.Range(2, Steps.Length - 1)];

    [Theory]
    [MemberData(nameof(Prefixes))]
    public async Task An_attachment_that_was_made_in_part_is_completed(int steps)
    {
        await using var host = await TestHost.StartAsync();
        await host.ApplyAsync(TestHost.Desired());
        var empty = host.Snapshot();
        var attachment = TestHost.At("192.168.100.2");
        await host.AttachAsync(attachment);
        var whole = host.Snapshot();

        foreach (var complete in (Func<Task>[])[() => host.AttachAsync(attachment), Apply])
        {
            await host.DetachAsync(attachment);
            Assert.Equal(empty, host.Snapshot());
            foreach (var step in Steps.Take(steps))
                host.Host(step);

            await complete();

            Assert.Equal(whole, host.Snapshot());
        }

        async Task Apply() => Assert.Equal(steps == Steps.Length, (await Again()).Count == 0);

        Task<IReadOnlyList<string>> Again() => host.ApplyAsync(TestHost.Desired(attachment));
    }

    [Fact]
    public async Task After_a_SIGKILL_among_a_thousand_attaches_nothing_is_orphaned_or_missing()
    {
        await using var host = await TestHost.StartAsync();
        int[] kept = [.. Enumerable.Range(0, AttachingProcess.Count / 2).Select(i => 2 * i)];
        await host.ApplyAsync(AttachingProcess.Desired(kept));
        var expected = Lines(host);
        var interrupted = 0;

        // Killed when so many are there: among the first, between two batches, towards the end.
        foreach (var least in (int[])[1, 300, 700])
        {
            await host.ApplyAsync(AttachingProcess.Desired([]));
            int found;
            using (var controller = AttachingProcess.Start(host.Namespace.Path))
            {
                while (Routes(host) < least)
                    Assert.False(controller.HasExited);
                controller.Kill();
                await controller.WaitForExitAsync(TestContext.Current.CancellationToken);
                found = Routes(host);
            }
            interrupted += found < AttachingProcess.Count ? 1 : 0;

            await using var next = await host.OpenAsync();
            await next.ApplyAsync(AttachingProcess.Desired(kept), TestContext.Current.CancellationToken);

            Assert.Equal(expected, Lines(host));
            Assert.Empty(await next.ApplyAsync(AttachingProcess.Desired(kept), TestContext.Current.CancellationToken));
        }
        Assert.True(interrupted > 0, "the attaches were over before the process could be killed");
    }

    // Links come in the order in which they were made, which a crash changes.
    private static IEnumerable<string> Lines(TestHost host) =>
        host.Snapshot().Split('\n').Order(StringComparer.Ordinal).ToArray();

    private static int Routes(TestHost host) =>
        host.Namespace.Run(() =>
        {
            using var netlink = NetlinkSocket.Open();
            var routes = 0;
            netlink.DumpRoutes(252, _ => routes++);
            return routes;
        });
}
