using System.Diagnostics;
using MasterController.Core.HostNetwork;
using MasterController.Linux.Nftables;
using Xunit;

namespace MasterController.LinuxTests.HostNetwork.Dedicated;

/// <summary>What a crash leaves of external access, and what the next controller makes of it.</summary>
public sealed class InterruptedAccessTests
{
    private static readonly string[] _maps = ["forwards", "open_forwards", "hairpin_sources"];

    [Fact]
    public async Task After_a_SIGKILL_among_a_thousand_attaches_the_maps_have_what_is_wanted_and_nothing_else()
    {
        await using var host = await TestHost.StartAsync();
        int[] kept = [.. Enumerable.Range(0, AttachingProcess.Count / 2).Select(i => 2 * i)];
        await host.ApplyAsync(Desired(kept));
        var expected = Read(host);
        Assert.Equal(kept.Length * 3, expected.Count(line => line.StartsWith("forwards", StringComparison.Ordinal)));
        var interrupted = 0;

        foreach (var least in (int[])[1, 1_000])
        {
            await host.ApplyAsync(Desired([]));
            Assert.Equal(["open_sources 01000000 opened_accepted"], Read(host));
            using (var controller = AttachingProcess.Start(host.Namespace.Path, reached: true))
            {
                var started = Stopwatch.GetTimestamp();
                while (Forwards(host) < least)
                {
                    Assert.False(controller.HasExited);
                    Assert.True(Stopwatch.GetElapsedTime(started) < TimeSpan.FromMinutes(1), "nothing is attached");
                }
                controller.Kill();
                await controller.WaitForExitAsync(TestContext.Current.CancellationToken);
            }
            interrupted += Forwards(host) < AttachingProcess.Count * 3 ? 1 : 0;

            await using var next = await host.OpenAsync();
            await next.ApplyAsync(Desired(kept), TestContext.Current.CancellationToken);

            Assert.Equal(expected, Read(host));
            Assert.Empty(await next.ApplyAsync(Desired(kept), TestContext.Current.CancellationToken));
        }
        Assert.True(interrupted > 0, "the attaches were over before the process could be killed");
    }

    private static DesiredNetwork Desired(IEnumerable<int> numbers) =>
        AttachingProcess.Desired([]) with
        {
            Attachments = [.. numbers.Select(AttachingProcess.Reached)],
        };

    private static int Forwards(TestHost host) => OnTable(host, table => table.Elements("forwards").Count);

    private static string[] Read(TestHost host) =>
        OnTable(
            host,
            table =>
                _maps
                    .Append("open_sources")
                    .SelectMany(map =>
                        table.Elements(map).Select(element => $"{map} {element.Key} {element.Value}{element.Chain}")
                    )
                    .Order(StringComparer.Ordinal)
                    .ToArray()
        );

    private static T OnTable<T>(TestHost host, Func<NftTable, T> read) =>
        host.Namespace.Run(() =>
        {
            using var table = NftTable.Open(HostNetworkMarks.FirewallTable);
            return read(table);
        });
}
