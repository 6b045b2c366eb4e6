using MasterController.Core.HostNetwork;
using MasterController.Core.HostNetwork.Drift;
using MasterController.Linux.Addresses;
using Xunit;

namespace MasterController.LinuxTests.HostNetwork.Drift;

/// <summary>VMs come and go while the network is compared and repaired.</summary>
public sealed class RaceTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Comings_and_goings_are_no_drift_and_leave_nothing()
    {
        await using var host = await TestHost.StartAsync();
        var steady = Enumerable.Range(2, 40).Select(i => TestHost.At($"192.168.100.{i}")).ToArray();
        await host.ApplyAsync(TestHost.Desired(steady));
        var before = host.Snapshot();
        using var ending = new CancellationTokenSource();
        var pairs = new int[4];
        var churn = Enumerable
            .Range(0, pairs.Length)
            .Select(i => ChurnAsync(host, 100 + (i * 30), () => pairs[i]++, ending.Token))
            .ToArray();

        var found = new List<Difference>();
        for (var i = 0; i < 60 || pairs.Sum() < 60; i++)
        {
            var observation = await host.Network.ObserveAsync(ObservationScope.All, Token);
            found.AddRange(observation.Differences);
            await host.Network.RepairAsync(observation.Differences, Token);
        }
        await ending.CancelAsync();
        await Task.WhenAll(churn);

        Assert.Equal([], found);
        Assert.Equal(before, host.Snapshot());
    }

    [Fact]
    public async Task Damage_under_load_is_repaired_and_nothing_else_is_touched()
    {
        await using var host = await TestHost.StartAsync();
        var steady = Enumerable.Range(2, 40).Select(i => TestHost.At($"192.168.100.{i}")).ToArray();
        await host.ApplyAsync(TestHost.Desired(steady));
        var before = host.Snapshot();
        using var ending = new CancellationTokenSource();
        var churn = ChurnAsync(host, 100, () => { }, ending.Token);

        for (var i = 2; i < 22; i++)
        {
            host.Host($"ip link set {TestHost.At($"192.168.100.{i}").TapName} down");
            var found = (await host.Network.ObserveAsync(ObservationScope.All, Token)).Differences;
            Assert.Equal(
                ["link", "neighbour", "route"],
                found.Select(difference => DriftNames.Of(difference.Object)).Order()
            );
            Assert.All(
                await host.Network.RepairAsync(found, Token),
                outcome => Assert.Equal((true, null), (outcome.Changed, outcome.Failure))
            );
        }
        await ending.CancelAsync();
        await churn;

        Assert.Equal(before, host.Snapshot());
    }

    private static async Task ChurnAsync(TestHost host, int first, Action paired, CancellationToken ending)
    {
        for (var pair = 0; !ending.IsCancellationRequested; pair++)
        {
            var attachment = TestHost.At($"192.168.100.{first + (pair % 25)}");
            await host.AttachAsync(attachment);
            await host.DetachAsync(attachment);
            paired();
        }
    }
}
