using MasterController.Core.Events;
using MasterController.Core.HostNetwork;
using MasterController.Core.HostNetwork.Drift;
using MasterController.Core.Vms;
using MasterController.Tests.Store;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace MasterController.Tests.HostNetwork.Drift;

public sealed class NetworkReconcilerTests : IAsyncDisposable
{
    private static readonly Difference Link = new(DriftObject.Link, "fcc0a86402", "up", "down");
    private static readonly Difference Route = new(DriftObject.Route, "192.168.100.2", "dev fcc0a86402", "missing");

    private static readonly Difference Table = new(DriftObject.Nftables, "inet master_controller", "there", "missing")
    {
        Scope = ObservationScope.Host,
        By = "nft (process 7)",
    };

    private static readonly Difference Foreign = new(DriftObject.Nftables, "ip filter FORWARD", "accept", "drop")
    {
        Scope = ObservationScope.Host,
        Owner = "Docker",
    };

    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 3, 4, 5, 6, 7, TimeSpan.Zero));
    private readonly InMemoryStateStore _store = new();
    private readonly BackgroundWork _work = new(NullLogger<BackgroundWork>.Instance);
    private readonly EventHub _events;
    private readonly ScriptedNetwork _network;
    private readonly NetworkReconciler _reconciler;

    public NetworkReconcilerTests()
    {
        _events = new EventHub(_clock);
        _network = new ScriptedNetwork(_clock);
        _reconciler = new NetworkReconciler(
            _network,
            _store,
            _events,
            _work,
            _clock,
            NullLogger<NetworkReconciler>.Instance
        );
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        await _work.StopAsync(TimeSpan.FromSeconds(10), TimeProvider.System);
        await _work.DisposeAsync();
    }

    [Fact]
    public async Task It_compares_at_the_start_and_each_minute()
    {
        await StartAsync();
        await UntilObservedAsync(4);

        Assert.Equal([0, 60, 120, 180], Seconds());
        Assert.All(_network.Observed, observed => Assert.Equal(ObservationScope.All, observed.Scope));
        Assert.Equal((3, 3), (_reconciler.Health.Last!.Desired, _reconciler.Health.Last.Present));
    }

    [Fact]
    public async Task What_one_comparison_has_found_is_repaired_after_the_second_which_comes_soon()
    {
        await StartAsync();
        _network.Break(Link);
        await UntilObservedAsync(2);
        Assert.Empty(_network.Repaired);
        var seen = Assert.Single(_reconciler.Health.Open);
        Assert.Equal((DriftState.Seen, 1), (seen.State, seen.Observations));

        await UntilObservedAsync(3);
        await UntilAsync(() => _reconciler.Health.Open.Count == 0);

        Assert.Equal([Link], _network.Repaired);
        Assert.InRange(Seconds()[2] - Seconds()[1], 0, 1);
        var entry = Assert.Single(await _store.ReadDriftAsync(10, Token));
        Assert.Equal((Link, 2, DriftState.Repaired), (entry.Difference, entry.Observations, entry.State));
        Assert.Equal(seen.Since, entry.Since);
        Assert.Equal(
            [
                "network.drift fcc0a86402: link fcc0a86402: expected up, found down",
                "network.repaired fcc0a86402: repaired: link fcc0a86402: expected up, found down",
            ],
            await EventsAsync()
        );
    }

    [Fact]
    public async Task Our_table_is_repaired_when_it_is_first_found_changed()
    {
        await StartAsync();
        _network.Break(Table, Link);
        _network.Tell(ObservationScope.Host);
        await UntilObservedAsync(2);
        await UntilAsync(() => _network.Repaired.Count > 0);

        Assert.Equal(ObservationScope.Host, _network.Observed[1].Scope);
        Assert.Equal([Table], _network.Repaired);
        Assert.Contains("(last changed by nft (process 7))", (await EventsAsync())[0]);
    }

    [Fact]
    public async Task What_is_anothers_is_named_once_and_left_alone()
    {
        await StartAsync();
        _network.Break(Foreign);
        await UntilObservedAsync(5);

        Assert.Empty(_network.Repaired);
        Assert.Equal(4, Assert.Single(_reconciler.Health.Open).Observations);
        Assert.Equal(
            [
                "network.drift ip filter FORWARD: nftables ip filter FORWARD: expected accept, found drop "
                    + "(Docker's, left alone)",
            ],
            await EventsAsync()
        );

        _network.SetRight(Foreign);
        await UntilObservedAsync(6);
        await UntilAsync(() => _reconciler.Health.Open.Count == 0);
        Assert.Equal(DriftState.Gone, Assert.Single(await _store.ReadDriftAsync(10, Token)).State);
    }

    [Fact]
    public async Task What_cannot_be_repaired_says_why_and_is_tried_again_each_minute()
    {
        await StartAsync();
        _network.Refusal = "EPERM";
        _network.Break(Link);
        await UntilObservedAsync(5);
        await UntilAsync(() => _network.Repaired.Count == 3);

        var entry = Assert.Single(_reconciler.Health.Open);
        Assert.Equal((DriftState.Failed, "EPERM"), (entry.State, entry.Failure));
        Assert.Equal(2, (await EventsAsync()).Length);
        Assert.InRange(Seconds()[4] - Seconds()[3], 59, 61);

        _network.Refusal = null;
        await UntilObservedAsync(6);
        await UntilAsync(() => _reconciler.Health.Open.Count == 0);
        Assert.Equal(DriftState.Repaired, Assert.Single(await _store.ReadDriftAsync(10, Token)).State);
    }

    [Fact]
    public async Task However_much_is_told_comparing_takes_a_tenth_of_the_time_at_most()
    {
        await StartAsync();
        _network.Took = TimeSpan.FromSeconds(2);
        _network.Tell(ObservationScope.All);
        await UntilObservedAsync(2);
        for (var next = 3; next < 6; next++)
        {
            _network.Tell(ObservationScope.All);
            await UntilObservedAsync(next);
        }

        var seconds = Seconds();
        Assert.All(Enumerable.Range(2, 3), i => Assert.InRange(seconds[i] - seconds[i - 1], 22, 24));
    }

    [Fact]
    public async Task A_comparison_of_the_host_alone_ends_nothing_of_attachments()
    {
        await StartAsync();
        _network.Refusal = "EPERM";
        _network.Break(Route);
        await UntilObservedAsync(3);
        _network.Tell(ObservationScope.Host);
        await UntilObservedAsync(4);

        Assert.Equal(ObservationScope.Host, _network.Observed[3].Scope);
        Assert.Equal(Route, Assert.Single(_reconciler.Health.Open).Difference);
    }

    [Fact]
    public async Task A_comparison_that_fails_is_told_and_the_next_one_is_made()
    {
        await StartAsync();
        _network.Failure = "netlink does not answer";
        await UntilObservedAsync(2);
        await UntilAsync(() => _reconciler.Health.Failure is not null);
        Assert.Equal("netlink does not answer", _reconciler.Health.Failure);
        Assert.NotNull(_reconciler.Health.Last);

        _network.Failure = null;
        await UntilObservedAsync(3);
        await UntilAsync(() => _reconciler.Health.Failure is null);
    }

    [Fact]
    public async Task A_plan_repairs_nothing_and_a_repair_all_that_is_ours_at_once()
    {
        _network.Break(Link, Foreign);

        var plan = await _reconciler.PlanAsync(Token);
        Assert.Equal(["make fcc0a86402 right"], plan.Changes.Select(change => change.Text));
        Assert.Equal((0, 2), (plan.Ended.Count, plan.Open.Count));
        Assert.Empty(_network.Repaired);

        var repair = await _reconciler.RepairAsync(Token);
        Assert.Equal([Link], _network.Repaired);
        Assert.Equal(Link, Assert.Single(repair.Ended).Difference);
        Assert.Equal(Foreign, Assert.Single(repair.Open).Difference);
    }

    [Fact]
    public async Task What_cannot_be_stored_is_repaired_and_told_all_the_same()
    {
        _store.Refuses = _ => true;
        _network.Break(Link);

        await _reconciler.RepairAsync(Token);

        Assert.Equal([Link], _network.Repaired);
        Assert.Contains(await EventsAsync(), text => text.StartsWith("network.repaired", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_whole_table_of_lost_routes_makes_neither_as_many_events_nor_as_many_rows()
    {
        _network.Break(Enumerable.Range(0, 1500).Select(i => Route with { Name = $"10.0.{i / 256}.{i % 256}" }));

        var repair = await _reconciler.RepairAsync(Token);

        Assert.Equal(1500, repair.Ended.Count);
        var events = await EventsAsync();
        Assert.Equal(42, events.Length);
        Assert.EndsWith(": 1480 more", events[^1], StringComparison.Ordinal);
        var rows = await _store.ReadDriftAsync(5000, Token);
        Assert.Equal(1001, rows.Count);
        Assert.Single(rows, row => row.Difference.Name.StartsWith("500 more, ", StringComparison.Ordinal));
    }

    private async Task StartAsync()
    {
        _reconciler.Start();
        await UntilObservedAsync(1);
    }

    private double[] Seconds()
    {
        var observed = _network.Observed;
        return [.. observed.Select(o => Math.Round((o.At - observed[0].At).TotalSeconds))];
    }

    /// <summary>Moves the clock on until so many comparisons were made and taken in.</summary>
    private Task UntilObservedAsync(int count) =>
        UntilAsync(() =>
        {
            if (_network.Observed.Count >= count)
                return true;
            _clock.Advance(TimeSpan.FromMilliseconds(100));
            return false;
        });

    private static async Task UntilAsync(Func<bool> condition)
    {
        for (var tries = 0; !condition(); tries++)
        {
            Assert.True(tries < 20_000, "it has not happened");
            await Task.Delay(1, Token);
        }
        // What follows the condition on another thread.
        await Task.Delay(20, Token);
    }

    private async Task<string[]> EventsAsync()
    {
        var told = new List<string>();
        var end = Guid.NewGuid().ToString();
        _events.Publish("end", end, "");
        await foreach (var happened in _events.SubscribeAsync(0, Token))
        {
            if (happened.Subject == end)
                break;
            if (happened.Type != "end")
                told.Add($"{happened.Type} {happened.Subject}: {happened.Message}");
        }
        return [.. told];
    }
}
