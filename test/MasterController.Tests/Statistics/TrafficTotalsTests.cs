using MasterController.Core.HostNetwork.Traffic;
using MasterController.Core.Statistics;
using MasterController.Core.Vms;
using MasterController.Linux.Addresses;
using MasterController.Linux.Netlink;
using MasterController.Tests.HostNetwork.Drift;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace MasterController.Tests.Statistics;

public sealed class TrafficTotalsTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    [Fact]
    public void Sums_never_fall_whoever_comes_and_goes()
    {
        var first = TrafficTotals.Next(null, Of(("10.0.0.2", 100), ("10.0.0.3", 50)), Start);
        var oneIsGone = TrafficTotals.Next(first, Of(("10.0.0.3", 60)), Start.AddSeconds(15));
        var startedAnew = TrafficTotals.Next(oneIsGone, Of(("10.0.0.2", 7), ("10.0.0.3", 20)), Start.AddSeconds(25));

        Assert.Equal((150, null), (first.In.Bytes, first.InPerSecond));
        Assert.Equal(160, oneIsGone.In.Bytes);
        Assert.Equal((187, 2.7), (startedAnew.In.Bytes, startedAnew.InPerSecond));
    }

    [Fact]
    public async Task Nobody_waits_for_a_reading_and_it_is_fresh_for_a_while()
    {
        var clock = new FakeTimeProvider();
        var network = new ScriptedNetwork(clock) { Traffic = Of(("10.0.0.2", 100)) };
        await using var work = new BackgroundWork(NullLogger<BackgroundWork>.Instance);
        var totals = new TrafficTotals(network, work, clock, NullLogger<TrafficTotals>.Instance);

        Assert.Null(totals.Ask());
        var reading = await UntilAsync(totals, r => r is not null);
        network.Traffic = Of(("10.0.0.2", 300));
        Assert.Equal(100, totals.Ask()!.In.Bytes);
        clock.Advance(TrafficTotals.FreshFor);
        Assert.Same(reading, totals.Ask());

        Assert.Equal(300, (await UntilAsync(totals, r => r != reading))!.In.Bytes);
    }

    private static async Task<TrafficReading?> UntilAsync(TrafficTotals totals, Func<TrafficReading?, bool> isSo)
    {
        while (true)
        {
            if (totals.Ask() is var reading && isSo(reading))
                return reading;
            await Task.Delay(5, TestContext.Current.CancellationToken);
        }
    }

    private static Dictionary<Ipv4Address, GuestTraffic> Of(params (string Address, long Bytes)[] guests) =>
        guests.ToDictionary(
            g => Ipv4Address.Parse(g.Address),
            g => new GuestTraffic(new LinkCounters(g.Bytes, g.Bytes, 0), default)
        );
}
