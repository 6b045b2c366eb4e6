using MasterController.Core.HostNetwork.Survey;
using MasterController.Core.Statistics;
using MasterController.Linux.Netlink;
using MasterController.Tests.HostNetwork.Drift;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace MasterController.Tests.Statistics;

public sealed class HostSamplerTests
{
    private readonly FakeTimeProvider _clock = new();
    private readonly ScriptedNetwork _network;
    private readonly HostSampler _sampler;

    public HostSamplerTests()
    {
        _network = new ScriptedNetwork(_clock);
        _sampler = new HostSampler(_network, Path.GetTempPath(), _clock);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Rates_are_those_between_two_readings()
    {
        _network.Figures = Uplink(index: 2, received: 1000, sent: 500);
        var first = await _sampler.ReadAsync(Token);
        _network.Figures = Uplink(index: 2, received: 5000, sent: 500);
        var tooSoon = await _sampler.ReadAsync(Token);
        _clock.Advance(TimeSpan.FromSeconds(2));
        var second = await _sampler.ReadAsync(Token);

        Assert.Equal((null, null), (first.InPerSecond, first.CpuPercent));
        Assert.Same(first, tooSoon);
        Assert.Equal((2000, 0), (second.InPerSecond, second.OutPerSecond));
        Assert.InRange(second.CpuPercent ?? 0, 0, 100);
    }

    [Fact]
    public async Task Another_uplink_begins_anew()
    {
        _network.Figures = Uplink(index: 2, received: 1000, sent: 500);
        await _sampler.ReadAsync(Token);
        _clock.Advance(TimeSpan.FromSeconds(2));
        _network.Figures = Uplink(index: 3, received: 9000, sent: 9000);

        var reading = await _sampler.ReadAsync(Token);

        Assert.Null(reading.InPerSecond);
    }

    private static NetworkFigures Uplink(int index, long received, long sent) =>
        new(
            "up0",
            null,
            new LinkTraffic(index, new LinkCounters(1, received, 0), new LinkCounters(1, sent, 0)),
            new TableFill(1, 10),
            null
        );
}
