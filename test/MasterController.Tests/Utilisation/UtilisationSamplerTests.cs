using MasterController.Core.Store;
using MasterController.Core.Utilisation;
using MasterController.Tests.Store;
using Xunit;

namespace MasterController.Tests.Utilisation;

/// <summary>The same over SQLite and over the store in memory.</summary>
public abstract class UtilisationSamplerTests
{
    /// <summary>The last day of winter time in most of Europe: at 01:00 UTC its clocks leap from 2 to 3.</summary>
    private static readonly DateTimeOffset _start = new(2026, 3, 29, 0, 57, 12, 345, TimeSpan.Zero);

    protected abstract IStateStore Store { get; }

    protected abstract IStateHistory History { get; }

    [Fact]
    public async Task Each_full_minute_and_each_full_hour_is_sampled()
    {
        await using var sampler = await StartAsync();
        await sampler.UseAsync(1);
        await sampler.AdvanceAsync(TimeSpan.FromSeconds(47.655));
        await sampler.UseAsync(2);
        await sampler.AdvanceMinutesAsync(4);

        Assert.Equal(
            ["00:58 1", "00:59 2", "01:00 2", "01:01 2", "01:02 2"],
            await sampler.SamplesAsync(SampleInterval.Minute)
        );
        Assert.Equal(["01:00 2"], await sampler.SamplesAsync(SampleInterval.Hour));
        Assert.Equal(TimeSpan.Zero, (await ReadAsync(SampleInterval.Hour))[0].Time.Offset);
    }

    [Fact]
    public async Task Before_the_full_minute_nothing_is_sampled()
    {
        await using var sampler = await StartAsync();

        sampler.Clock.Advance(TimeSpan.FromSeconds(47.654));

        Assert.Empty(await sampler.SamplesAsync(SampleInterval.Minute));
    }

    [Fact]
    public async Task While_the_controller_is_stopped_there_are_no_samples()
    {
        await using var sampler = await StartAsync();
        await sampler.UseAsync(3);
        await sampler.AdvanceMinutesAsync(2);
        await sampler.StopAsync();
        sampler.Clock.Advance(TimeSpan.FromHours(2));
        await sampler.StartAsync();
        await sampler.AdvanceMinutesAsync(2);

        Assert.Equal(["00:58 3", "00:59 3", "03:00 3", "03:01 3"], await sampler.SamplesAsync(SampleInterval.Minute));
        Assert.Equal(["03:00 3"], await sampler.SamplesAsync(SampleInterval.Hour));
    }

    [Fact]
    public async Task A_clock_that_is_set_forward_leaves_a_gap()
    {
        await using var sampler = await StartAsync();
        await sampler.AdvanceMinutesAsync(1);
        sampler.Clock.Leap(TimeSpan.FromMinutes(30));
        await sampler.AdvanceMinutesAsync(2);

        Assert.Equal(["00:58 0", "01:29 0", "01:30 0"], await sampler.SamplesAsync(SampleInterval.Minute));
        // Half an hour late is not the hour's sample.
        Assert.Empty(await sampler.SamplesAsync(SampleInterval.Hour));
    }

    [Fact]
    public async Task A_clock_that_is_set_back_is_followed_from_its_next_full_minute()
    {
        await using var sampler = await StartAsync();
        await sampler.AdvanceMinutesAsync(3);
        sampler.Clock.Leap(TimeSpan.FromHours(-3));
        await sampler.UseAsync(5);
        await sampler.AdvanceMinutesAsync(3);

        Assert.Equal(
            ["22:02 5", "22:03 5", "00:58 0", "00:59 0", "01:00 0"],
            await sampler.SamplesAsync(SampleInterval.Minute)
        );
        Assert.Equal(["22:00 5", "01:00 0"], await sampler.SamplesAsync(SampleInterval.Hour));
    }

    [Fact]
    public async Task Minutes_are_kept_for_a_day_and_hours_for_a_year()
    {
        await using var sampler = await StartAsync();
        await SaveAsync(SampleInterval.Minute, _start - TimeSpan.FromHours(25), 1);
        await SaveAsync(SampleInterval.Minute, _start - TimeSpan.FromHours(22), 2);
        await SaveAsync(SampleInterval.Hour, _start - TimeSpan.FromDays(366), 3);
        await SaveAsync(SampleInterval.Hour, _start - TimeSpan.FromDays(364), 4);

        await sampler.AdvanceMinutesAsync(59);
        Assert.Contains(await ReadAsync(SampleInterval.Minute), s => s.Counts.Used == 1);
        Assert.Contains(await ReadAsync(SampleInterval.Hour), s => s.Counts.Used == 3);

        await sampler.AdvanceMinutesAsync(2);
        Assert.DoesNotContain(await ReadAsync(SampleInterval.Minute), s => s.Counts.Used == 1);
        Assert.Contains(await ReadAsync(SampleInterval.Minute), s => s.Counts.Used == 2);
        Assert.DoesNotContain(await ReadAsync(SampleInterval.Hour), s => s.Counts.Used == 3);
        Assert.Contains(await ReadAsync(SampleInterval.Hour), s => s.Counts.Used == 4);
    }

    [Fact]
    public async Task A_clock_that_leaps_into_another_year_and_back_forgets_nothing()
    {
        await using var sampler = await StartAsync();
        await sampler.AdvanceMinutesAsync(70);
        var before = await sampler.SamplesAsync(SampleInterval.Minute);

        sampler.Clock.Leap(TimeSpan.FromDays(3000));
        await sampler.AdvanceMinutesAsync(30);
        sampler.Clock.Leap(TimeSpan.FromDays(-3000));
        await sampler.AdvanceMinutesAsync(2);

        Assert.Superset(before.ToHashSet(), (await sampler.SamplesAsync(SampleInterval.Minute)).ToHashSet());
    }

    [Fact]
    public async Task Thresholds_are_told_once_also_when_the_controller_was_restarted_meanwhile()
    {
        await using var sampler = await StartAsync("10.0.0.0/25");
        // 125 addresses of which none is reserved: 80 % are 100, 78 % are 97.5, 95 % are 118.75.
        await sampler.UseAsync(99);
        await sampler.AdvanceMinutesAsync(1);
        Assert.Empty(await TextsAsync(sampler));
        await sampler.UseAsync(100);
        await sampler.AdvanceMinutesAsync(2);
        var told = Assert.Single(await sampler.ThresholdEventsAsync());
        Assert.Equal(("pool.threshold", "default"), (told.Type, told.Subject));
        Assert.Equal(
            "100 of 125 addresses that can be leased are used (80 %): 80 % are reached; 25 free, 0 cooling, 0 of 125 reserved",
            told.Message
        );
        Assert.Equal(
            ("80", "80", "100", "125", "25"),
            (told.Data!["threshold"], told.Data["percent"], told.Data["used"], told.Data["capacity"], told.Data["free"])
        );

        await sampler.StopAsync();
        await sampler.StartAsync();
        await sampler.UseAsync(98);
        await sampler.AdvanceMinutesAsync(1);
        Assert.Empty(await TextsAsync(sampler));
        await sampler.UseAsync(97);
        await sampler.AdvanceMinutesAsync(1);
        Assert.Equal(["pool.threshold-cleared 80"], await TextsAsync(sampler));
        await sampler.UseAsync(119);
        await sampler.AdvanceMinutesAsync(1);
        Assert.Equal(["pool.threshold 80", "pool.threshold 95"], await TextsAsync(sampler));
    }

    [Fact]
    public async Task Thresholds_that_are_configured_anew_hold_from_the_next_minute()
    {
        await using var sampler = await StartAsync("10.0.0.0/25");
        await sampler.UseAsync(25);
        await sampler.AdvanceMinutesAsync(1);
        sampler.Settings = new UtilisationSettings([20]);
        await sampler.AdvanceMinutesAsync(1);

        Assert.Equal(["pool.threshold 20"], await TextsAsync(sampler));
    }

    [Fact]
    public async Task The_forecast_reads_minutes_for_the_hour_and_hours_for_what_is_longer()
    {
        await using var sampler = await StartAsync("10.0.0.0/24");
        var now = sampler.Clock.GetUtcNow();
        await SaveAsync(SampleInterval.Minute, now - TimeSpan.FromMinutes(60), 90);
        await SaveAsync(SampleInterval.Minute, now, 100);
        await SaveAsync(SampleInterval.Hour, now - TimeSpan.FromHours(25), 0);
        await SaveAsync(SampleInterval.Hour, now - TimeSpan.FromHours(20), 80);
        await SaveAsync(SampleInterval.Hour, now - TimeSpan.FromHours(1), 90);
        await sampler.UseAsync(100);

        var forecasts = await new UtilisationHistory(History, sampler.Clock).ForecastAsync(
            SamplerFixture.Pool,
            sampler.Pools.Counts(SamplerFixture.Pool)!.Value,
            TestContext.Current.CancellationToken
        );

        // 153 of 253 are free.
        Assert.Equal(
            [
                new Forecast(TimeSpan.FromHours(1), new ForecastOutcome.FullAt(10, now + TimeSpan.FromHours(15.3))),
                new Forecast(TimeSpan.FromDays(1), new ForecastOutcome.FullAt(1, now + TimeSpan.FromHours(153))),
                new Forecast(TimeSpan.FromDays(7), new ForecastOutcome.TooFewSamples(now - TimeSpan.FromHours(25))),
            ],
            forecasts
        );
    }

    private async Task<SamplerFixture> StartAsync(string cidr = "10.0.0.0/24")
    {
        var sampler = new SamplerFixture(Store, History, _start);
        await sampler.StartAsync(cidr);
        return sampler;
    }

    private static async Task<IEnumerable<string>> TextsAsync(SamplerFixture sampler) =>
        (await sampler.ThresholdEventsAsync()).Select(e => $"{e.Type} {e.Data!["threshold"]}");

    private Task SaveAsync(SampleInterval interval, DateTimeOffset time, long used) =>
        Store.CommitAsync(
            new StoreChange.UtilisationSaved(
                new UtilisationSample(SamplerFixture.Pool, time, new(253, used, 0, 0, 253 - used)),
                interval
            )
        );

    private Task<IReadOnlyList<UtilisationSample>> ReadAsync(SampleInterval interval) =>
        History.ReadUtilisationAsync(
            SamplerFixture.Pool,
            interval,
            DateTimeOffset.MinValue,
            DateTimeOffset.MaxValue,
            TestContext.Current.CancellationToken
        );
}

public sealed class InMemorySamplerTests : UtilisationSamplerTests
{
    private readonly InMemoryStateStore _store = new();

    protected override IStateStore Store => _store;

    protected override IStateHistory History => _store;

    [Fact]
    public async Task All_pools_are_sampled_in_one_commit_a_minute()
    {
        await using var sampler = new SamplerFixture(_store, _store, DateTimeOffset.UnixEpoch);
        await sampler.StartAsync();
        await sampler.Pools.CreateAsync(new("other", [new("10.1.0.0/24")]), TestContext.Current.CancellationToken);
        var before = _store.Commits.Count;
        await sampler.AdvanceMinutesAsync(3);

        Assert.Equal(3, _store.Commits.Count - before);
        Assert.Equal(
            ["default", "other"],
            _store.Commits[^1].OfType<StoreChange.UtilisationSaved>().Select(s => s.Sample.Pool)
        );
    }

    [Fact]
    public async Task A_store_that_refuses_costs_the_minute_and_no_more()
    {
        await using var sampler = new SamplerFixture(_store, _store, DateTimeOffset.UnixEpoch);
        await sampler.StartAsync("10.0.0.0/25");
        await sampler.UseAsync(110);
        _store.Refuses = _ => true;
        await sampler.AdvanceMinutesAsync(1);
        _store.Refuses = _ => false;
        await sampler.AdvanceMinutesAsync(1);

        Assert.Equal(["00:02 110"], await sampler.SamplesAsync(SampleInterval.Minute));
        Assert.Single(await sampler.ThresholdEventsAsync());
    }
}

public sealed class SqliteSamplerTests : UtilisationSamplerTests, IAsyncLifetime
{
    private readonly StateFile _file = new();
    private readonly SqliteStateStore _store;

    public SqliteSamplerTests() => _store = SqliteStateStore.Open(_file.Path);

    protected override IStateStore Store => _store;

    protected override IStateHistory History => _store.History;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        await _store.DisposeAsync();
        _file.Dispose();
    }
}
