using MasterController.Tests.Daemon;
using Xunit;

namespace MasterController.Tests.Telemetry;

[Collection(nameof(MetricsCollection))]
public sealed class ApiMetricsTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Requests_are_known_by_their_routes_and_refusals_by_their_type()
    {
        await using var api = await ApiUnderTest.StartAsync();
        for (var i = 0; i < 3; i++)
            await api.RefusedAsync("GET", $"api/v1/pools/gone-{i}");
        await api.RefusedAsync("GET", "no/such/path");
        await api.RefusedAsync("POST", "api/v1/pools", """{"name":"-"}""");

        var scrape = new Scrape(await api.Client.GetStringAsync("metrics", Token));

        Assert.True(
            scrape[
                "master_controller_api_request_seconds_count{method=\"GET\",route=\"/api/v1/pools/{pool}\",status=\"4xx\"}"
            ] >= 3
        );
        Assert.True(scrape.Has("{method=\"other\",route=\"other\",status=\"4xx\"}"));
        Assert.True(scrape["master_controller_refusals_total{reason=\"not-found\"}"] >= 3);
        Assert.True(scrape["master_controller_refusals_total{reason=\"invalid-request\"}"] >= 1);
        Assert.False(scrape.Has("gone-"));
    }

    [Fact]
    public async Task Metrics_are_there_before_recovery_has_ended()
    {
        await using var api = await ApiUnderTest.StartAsync(isRecovered: false);

        var scrape = new Scrape(await api.Client.GetStringAsync("metrics", Token));

        Assert.True(scrape.Has("master_controller_build_info"));
    }
}
