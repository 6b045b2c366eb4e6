using MasterController.Core.HostNetwork.Dedicated;
using MasterController.Linux.Netlink;
using Xunit;

namespace MasterController.LinuxTests.HostNetwork.Dedicated;

/// <summary>What a crash leaves of dedicated addresses, and what the next controller makes of it.</summary>
public sealed class DedicatedCrashTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task After_a_SIGKILL_among_a_thousand_attaches_nothing_is_orphaned_or_missing()
    {
        await using var host = await ProviderHost.StartAsync(PrefixDelivery.OnLink);
        int[] kept = [.. Enumerable.Range(0, AttachingProcess.Count / 2).Select(i => 2 * i)];
        await host.ApplyAsync(AttachingProcess.Desired(kept, external: true));
        var expected = Lines(host);
        var interrupted = 0;

        foreach (var least in (int[])[50, 400])
        {
            await host.ApplyAsync(AttachingProcess.Desired([]));
            using (var controller = AttachingProcess.Start(host.Namespace.Path, external: true))
            {
                while (Routes(host) < least)
                    Assert.False(controller.HasExited);
                controller.Kill();
                await controller.WaitForExitAsync(Token);
            }
            // Two of each: to its own address and to what it calls itself on its link.
            interrupted += Routes(host) < 2 * AttachingProcess.Count ? 1 : 0;

            await using var next = await host.OpenAsync(external: ProviderHost.Networks());
            await next.ApplyAsync(AttachingProcess.Desired(kept, external: true), Token);

            Assert.Equal(expected, Lines(host));
            Assert.Empty(await next.ApplyAsync(AttachingProcess.Desired(kept, external: true), Token));
        }
        Assert.True(interrupted > 0, "the attaches were over before the process could be killed");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(5)]
    [InlineData(7)]
    public async Task A_change_that_was_made_in_part_is_completed(int steps)
    {
        await using var host = await ProviderHost.StartAsync(PrefixDelivery.OnLink);
        var (plain, whole) = (
            ProviderHost.Guest(2, ipv6: false),
            ProviderHost.Guest(2, given: ProviderHost.ExtraOf(1))
        );
        await host.ApplyAsync(TestHost.Desired(whole));
        var expected = Lines(host);
        var plan = await host.Network.PlanExternalAsync([(plain, whole)], Token);
        await host.DetachAsync(whole);
        await host.AttachAsync(plain);

        foreach (var change in plan.Where(change => change.Object != "nftables").Take(steps))
            host.Host(
                change.Command.Replace("neighbour replace proxy", "neighbour add proxy", StringComparison.Ordinal)
            );
        await host.ChangeAsync(whole);

        Assert.Equal(expected, Lines(host));
    }

    // Links come in the order in which they were made, which a crash changes.
    private static string[] Lines(TestHost host) =>
        [.. (host.Snapshot() + host.Ipv6Snapshot()).Split('\n').Order(StringComparer.Ordinal)];

    private static int Routes(TestHost host) =>
        host.Namespace.Run(() =>
        {
            using var netlink = NetlinkSocket.Open();
            var routes = 0;
            netlink.DumpIpv6Routes(252, _ => routes++);
            return routes;
        });
}
