using MasterController.Core.Addressing;
using MasterController.Core.Events;
using MasterController.Core.Store;
using MasterController.Tests.Store;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace MasterController.Tests.Events;

public sealed class EventJournalTests
{
    private readonly InMemoryStateStore _store = new();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Ids_go_on_over_restarts_and_none_is_given_twice_after_a_crash()
    {
        var first = await StartAsync();
        Publish(first.Hub, 3);
        await first.Hub.FlushAsync(Cancelled);
        // Told and not stored: the controller dies.
        _store.CrashAfter(0);
        Publish(first.Hub, 2000);
        Assert.Equal(2003, first.Hub.LastId);
        // Until it has come to the store that is gone: later it would go on where a process that is dead does not.
        await Task.Delay(500, Cancelled);

        _store.Restart();
        await using var second = await StartAsync();
        Publish(second.Hub, 2);
        Assert.Equal(3 + EventJournal.Leap + 2, second.Hub.LastId);
        await second.Hub.FlushAsync(Cancelled);
        long[] ids = [1, 2, 3, EventJournal.Leap + 4, EventJournal.Leap + 5];
        Assert.Equal(ids, (await _store.ReadEventsAsync(0, 10, Cancelled)).Select(e => e.Id));
    }

    [Fact]
    public async Task One_that_comes_back_after_a_restart_gets_all_it_missed_and_then_what_happens()
    {
        await using (var before = await StartAsync())
            Publish(before.Hub, 3_000);
        await using var run = await StartAsync();
        Publish(run.Hub, 10);

        var received = TakeAsync(run.Hub, after: 100, count: 2_900 + 10 + 1);
        // It has to read pages from the store first, and misses nothing of what happens meanwhile.
        Publish(run.Hub, 1);
        var ids = (await received).Select(e => e.Id).ToArray();
        long[] expected =
        [
            .. Enumerable.Range(101, 2_900).Select(i => (long)i),
            .. Enumerable.Range(1, 11).Select(i => 3_000 + EventJournal.Leap + i),
        ];
        Assert.Equal(expected, ids);
    }

    [Fact]
    public async Task Whoever_reads_while_others_publish_sees_each_event_once_and_in_order()
    {
        await using var run = await StartAsync();
        Publish(run.Hub, 5_000);
        var received = TakeAsync(run.Hub, after: 0, count: 20_000);
        var publishing = Task.Run(
            async () =>
            {
                for (var i = 0; i < 30; i++)
                {
                    Publish(run.Hub, 500);
                    await Task.Delay(1, Cancelled);
                }
            },
            Cancelled
        );
        var ids = (await received).Select(e => e.Id).ToArray();
        await publishing;
        Assert.Equal(Enumerable.Range(1, ids.Length).Select(i => (long)i), ids);
    }

    [Fact]
    public async Task What_is_older_than_is_kept_begins_with_the_oldest_and_an_unknown_id_too()
    {
        await using (var before = await StartAsync())
            Publish(before.Hub, 10);
        await _store.CommitAsync(new StoreChange.EventsForgotten(8));
        await using var run = await StartAsync();
        Assert.Equal(8, (await TakeAsync(run.Hub, after: 2, count: 1))[0].Id);
        Assert.Equal(8, (await TakeAsync(run.Hub, after: long.MaxValue, count: 1))[0].Id);
    }

    [Fact]
    public async Task What_was_published_before_the_store_was_open_comes_first()
    {
        await using (var before = await StartAsync())
            Publish(before.Hub, 1);
        var hub = new EventHub(TimeProvider.System);
        hub.Publish("config.refused", "x", "early");
        await using var run = await StartAsync(hub);
        hub.Publish("vm.ready", "x", "late");
        await hub.FlushAsync(Cancelled);
        var stored = await _store.ReadEventsAsync(1, 10, Cancelled);
        Assert.Equal(["early", "late"], stored.Select(e => e.Message));
        Assert.Equal(1 + EventJournal.Leap + 1, stored[0].Id);
    }

    [Fact]
    public async Task A_store_that_fails_or_does_not_keep_up_holds_nobody_up_and_is_counted()
    {
        await using var run = await StartAsync();
        _store.Refuses = changes => changes is [StoreChange.EventsSaved, ..];
        var live = TakeAsync(run.Hub, after: null, count: 700);
        Publish(run.Hub, 700);
        Assert.Equal(700, (await live).Count);
        await run.Hub.FlushAsync(Cancelled);
        Assert.Equal(700, run.Journal.Lost);

        _store.Refuses = _ => false;
        var gate = _store.HoldBack();
        Publish(run.Hub, EventJournal.MostWaiting + 1_000);
        Assert.True(run.Journal.Lost > 700);
        gate.SetResult();
        await run.Hub.FlushAsync(Cancelled);
        var stored = await _store.ReadEventsAsync(0, int.MaxValue, Cancelled);
        Assert.Equal(run.Hub.LastId - run.Journal.Lost, stored.Count);

        // Whoever follows goes on behind what was lost.
        Publish(run.Hub, 3_000);
        var page = await run.Hub.ReadAsync(after: 0, most: 10, Cancelled);
        Assert.Equal(701, page.Items[0].Id);
        Assert.Equal(3_000, (await TakeAsync(run.Hub, run.Hub.LastId - 3_000, 3_000)).Count);
    }

    [Fact]
    public async Task Old_events_are_forgotten_at_the_start()
    {
        var day = TimeProvider.System.GetUtcNow().AddDays(-8);
        await _store.CommitAsync(
            new StoreChange.EventsSaved([
                .. Enumerable
                    .Range(1, 9)
                    .Select(i => new ControllerEvent(i * 1_000, day.AddHours(i * 8), "t", "s", "")),
            ])
        );
        await using var run = await StartAsync();
        while ((await _store.ReadEventsAsync(0, 10, Cancelled))[0].Id < 4_000)
            await Task.Delay(10, Cancelled);
        Assert.Equal(4_000, (await _store.ReadEventsAsync(0, 10, Cancelled))[0].Id);
    }

    [Fact]
    public async Task The_real_store_takes_a_flood_of_leases_without_holding_it_up()
    {
        using var file = new StateFile();
        await using var store = SqliteStateStore.Open(file.Path);
        var hub = new EventHub(TimeProvider.System);
        await using var journal = await OpenAsync(store, store.History, hub);
        var began = TimeProvider.System.GetTimestamp();
        for (var i = 0; i < 65_533; i++)
        {
            var address = $"10.0.{i >> 8}.{i & 255}";
            hub.Publish("lease.granted", address, $"{address} leased to vm-{i}", Data(i));
        }
        var published = TimeProvider.System.GetElapsedTime(began);
        await hub.FlushAsync(Cancelled);
        var stored = TimeProvider.System.GetElapsedTime(began);
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"published in {published.TotalMilliseconds:F0} ms, stored in {stored.TotalMilliseconds:F0} ms, {journal.Lost} lost"
        );
        Assert.True(published < TimeSpan.FromSeconds(5), $"{published}");
        Assert.Equal(0, journal.Lost);
        var page = await store.History.FindEventsAsync(
            new EventFilter("lease", "10.0.0.7"),
            before: null,
            10,
            Cancelled
        );
        Assert.Equal("vm-7", Assert.Single(page).Data!["owner"]);
    }

    [Fact]
    public async Task Leasing_a_whole_pool_takes_little_longer_with_its_events_stored()
    {
        var (without, _) = await LeaseAllAsync(isStored: false);
        var (with, lost) = await LeaseAllAsync(isStored: true);
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"65,000 leases: {without.TotalMilliseconds:F0} ms, with stored events {with.TotalMilliseconds:F0} ms, {lost} lost"
        );
        Assert.Equal(0, lost);
        Assert.True(with < (without * 3) + TimeSpan.FromSeconds(5), $"{without} {with}");
    }

    private static async Task<(TimeSpan Took, long Lost)> LeaseAllAsync(bool isStored)
    {
        using var file = new StateFile();
        await using var store = SqliteStateStore.Open(file.Path);
        var hub = new EventHub(TimeProvider.System);
        await using var journal = isStored ? await OpenAsync(store, store.History, hub) : null;
        using var pools = new PoolDirectory(store, hub, TimeProvider.System);
        pools.Load(StoreSnapshot.Empty);
        await pools.CreateAsync(new PoolRequest("p", [new RangeRequest("10.0.0.0/16")]), Cancelled);
        var began = TimeProvider.System.GetTimestamp();
        await Parallel.ForAsync(
            0,
            65_000,
            new ParallelOptions { MaxDegreeOfParallelism = 512, CancellationToken = Cancelled },
            async (i, cancel) => await pools.LeaseAsync("p", $"o-{i}", null, null, cancel)
        );
        var took = TimeProvider.System.GetElapsedTime(began);
        return (took, journal?.Lost ?? 0);
    }

    private static Dictionary<string, string> Data(int i) => new() { ["pool"] = "default", ["owner"] = $"vm-{i}" };

    private Task<Run> StartAsync() => StartAsync(new EventHub(TimeProvider.System));

    private async Task<Run> StartAsync(EventHub hub) => new(hub, await OpenAsync(_store, _store, hub));

    private static Task<EventJournal> OpenAsync(IStateStore store, IStateHistory history, EventHub hub) =>
        EventJournal.OpenAsync(
            store,
            history,
            hub,
            () => new EventSettings(TimeSpan.FromDays(7)),
            TimeProvider.System,
            NullLogger<EventJournal>.Instance
        );

    private static void Publish(EventHub hub, int count)
    {
        for (var i = 0; i < count; i++)
            hub.Publish("vm.running", "s", $"{i}");
    }

    private static async Task<List<ControllerEvent>> TakeAsync(EventHub hub, long? after, int count)
    {
        List<ControllerEvent> taken = [];
        await foreach (var happened in hub.SubscribeAsync(after, Cancelled))
        {
            taken.Add(happened);
            if (taken.Count == count)
                break;
        }
        return taken;
    }

    private sealed record Run(EventHub Hub, EventJournal Journal) : IAsyncDisposable
    {
        public ValueTask DisposeAsync() => Journal.DisposeAsync();
    }
}
