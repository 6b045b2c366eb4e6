using System.Diagnostics;
using MasterController.Core.HostNetwork.Drift;
using MasterController.Core.Statistics;
using MasterController.Core.Store;
using MasterController.Core.Utilisation;
using MasterController.Linux.Addresses;
using MasterController.Tests.Addressing;
using MasterController.Tests.HostNetwork.Drift;
using Xunit;

namespace MasterController.Tests.Telemetry;

/// <summary>Alone: exporters listen to every meter of the process.</summary>
[Collection(nameof(MetricsCollection))]
public sealed class MetricsTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_pool_is_told_of_by_what_its_addresses_do_and_what_happened()
    {
        using var pool = await PoolFixture.WithAsync("10.0.0.0/24");
        await using var metrics = await StartAsync(pool);
        for (var i = 0; i < 5; i++)
            await pool.TryLeaseAsync($"o{i}");
        await pool.TryLeaseAsync("o0");
        await pool.Directory.ReleaseAsync(PoolFixture.Pool, Ipv4Address.Parse("10.0.0.2"), "o0", null, Token);

        var scrape = await metrics.ScrapeAsync();

        Assert.Equal(4, scrape["master_controller_pool_addresses{pool=\"default\",state=\"used\"}"]);
        Assert.Equal(1, scrape["master_controller_pool_addresses{pool=\"default\",state=\"cooling\"}"]);
        Assert.Equal(248, scrape["master_controller_pool_addresses{pool=\"default\",state=\"free\"}"]);
        Assert.Equal(0, scrape["master_controller_pool_addresses{pool=\"default\",state=\"reserved\"}"]);
        // The one that asked twice has been given one address.
        Assert.Equal(5, scrape["master_controller_leases_total{pool=\"default\"}"]);
        Assert.Equal(1, scrape["master_controller_releases_total{pool=\"default\"}"]);
        Assert.False(scrape.Has("pool_full_seconds"));
    }

    [Fact]
    public async Task A_forecast_is_there_only_where_a_pool_will_be_full()
    {
        using var pool = await PoolFixture.WithAsync("10.0.0.0/24");
        var now = pool.Clock.GetUtcNow();
        await SaveAsync(pool, now.AddMinutes(-59), used: 0);
        await SaveAsync(pool, now.AddMinutes(-1), used: 58);
        await using var metrics = await StartAsync(pool);

        var scrape = await metrics.ScrapeUntilAsync(s => s.Has("pool_full_seconds"));

        // 60 an hour, 253 free.
        Assert.Equal(
            253 / 60.0 * 3600,
            scrape["master_controller_pool_full_seconds{pool=\"default\",window=\"hour\"}"],
            tolerance: 1
        );
        Assert.False(scrape.Has("window=\"week\""));
    }

    [Fact]
    public async Task Drift_and_the_age_of_the_comparison_are_told()
    {
        using var pool = await PoolFixture.WithAsync("10.0.0.0/24");
        var network = new ScriptedNetwork(pool.Clock);
        network.Break(
            new Difference(DriftObject.Route, "10.0.0.2", "there", "missing"),
            new Difference(DriftObject.Nftables, "ip filter FORWARD", "accept", "drop") { Owner = "docker" }
        );
        await using var metrics = await MetricsUnderTest.StartAsync(pool, network, []);
        await metrics.Reconciler.ObserveAsync(Token);
        pool.Clock.Advance(TimeSpan.FromSeconds(42));

        var scrape = await metrics.ScrapeAsync();

        Assert.Equal(1, scrape["master_controller_drift{owner=\"ours\"}"]);
        Assert.Equal(1, scrape["master_controller_drift{owner=\"foreign\"}"]);
        Assert.Equal(42, scrape["master_controller_reconcile_age_seconds{}"], tolerance: 0.1);
        Assert.Equal(0, scrape["master_controller_reconcile_failed{}"]);
    }

    [Fact]
    public async Task The_number_of_series_does_not_grow_with_vms_and_leases()
    {
        var few = await MeasureAsync(100);
        var many = await MeasureAsync(65_533);

        TestContext.Current.TestOutputHelper!.WriteLine(
            $"100: {few.Scrape.Total} series, {few.Took.TotalMilliseconds:F0} ms; "
                + $"65,533: {many.Scrape.Total} series, {many.Took.TotalMilliseconds:F0} ms"
        );
        Assert.Equal(few.Scrape.Series.Count, many.Scrape.Series.Count);
        Assert.InRange(many.Scrape.Total, 100, 500);
        Assert.Equal(65_533, many.Scrape["master_controller_pool_addresses{pool=\"default\",state=\"used\"}"]);
        Assert.Equal(65_532L * 65_533 / 2, many.Scrape["master_controller_vm_traffic_bytes_total{direction=\"in\"}"]);
        Assert.Equal(
            2 * TrafficMetrics.Top,
            many.Scrape.Series.Count(s => s.StartsWith("master_controller_vm_top_traffic_bytes{"))
        );
        Assert.Equal(65_533, many.Scrape.Series.Where(s => s.StartsWith("master_controller_vms{")).Sum(Value));
        // One that is scraped each 15 s: the machine of the test may be busy with others.
        Assert.True(many.Took < TimeSpan.FromSeconds(2), $"{many.Took}");
    }

    private static async Task<(Scrape Scrape, TimeSpan Took)> MeasureAsync(int count)
    {
        using var pool = await PoolFixture.WithAsync("192.168.0.0/16");
        Ipv4Address[] addresses =
        [
            .. Enumerable
                .Range(0, count)
                .Select(i => new Ipv4Address(Ipv4Address.Parse("192.168.0.2").Value + (uint)i)),
        ];
        for (var i = 0; i < count; i++)
            await pool.TryLeaseAsync($"o{i}");
        var network = new ScriptedNetwork(pool.Clock) { Traffic = MetricsUnderTest.Traffic(addresses) };
        await using var metrics = await MetricsUnderTest.StartAsync(pool, network, MetricsUnderTest.Vms(addresses));
        await metrics.ScrapeUntilAsync(s => s.Has("vm_top_traffic_bytes"));
        await Task.Delay(350, Token);
        var began = Stopwatch.GetTimestamp();
        var scrape = await metrics.ScrapeAsync();
        return (scrape, Stopwatch.GetElapsedTime(began));
    }

    private static double Value(string series) => double.Parse(series[(series.LastIndexOf('}') + 2)..]);

    private static Task<MetricsUnderTest> StartAsync(PoolFixture pool) =>
        MetricsUnderTest.StartAsync(pool, new ScriptedNetwork(pool.Clock), []);

    private static Task SaveAsync(PoolFixture pool, DateTimeOffset time, long used) =>
        pool.Store.CommitAsync(
            new StoreChange.UtilisationSaved(
                new UtilisationSample(PoolFixture.Pool, time, new(253, used, 0, 0, 253 - used)),
                SampleInterval.Minute
            )
        );
}

[CollectionDefinition(nameof(MetricsCollection), DisableParallelization = true)]
public sealed class MetricsCollection;
