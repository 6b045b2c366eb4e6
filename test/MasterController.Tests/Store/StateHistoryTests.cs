using MasterController.Core.Addressing;
using MasterController.Core.Events;
using MasterController.Core.HostNetwork.Drift;
using MasterController.Core.Store;
using MasterController.Core.Utilisation;
using MasterController.Linux.Addresses;
using Xunit;

namespace MasterController.Tests.Store;

/// <summary>What the store remembers of the past: the same for SQLite and for the store in memory.</summary>
public abstract class StateHistoryTests : IAsyncLifetime
{
    private const string Pool = "default";
    private static readonly DateTimeOffset _now = new(2026, 3, 4, 5, 6, 7, 890, TimeSpan.Zero);
    private static readonly Ipv4Address _address = Ipv4Address.Parse("10.0.0.2");

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    protected abstract IStateStore Store { get; }

    protected abstract IStateHistory History { get; }

    public async ValueTask InitializeAsync() =>
        await Store.CommitAsync(new StoreChange.PoolSaved(Definition(Pool, version: 1)));

    public virtual ValueTask DisposeAsync() => Store.DisposeAsync();

    [Fact]
    public async Task Who_has_an_address_is_its_last_period_and_who_had_it_came_before()
    {
        var (a, b) = (Lease("a", 0), Lease("b", 20));
        await Store.CommitAsync(new StoreChange.LeaseSaved(a, "op-a"));
        Assert.Equal([Period(a, null, "op-a")], await PeriodsAsync());

        await Store.CommitAsync(new StoreChange.LeaseReleased(a, At(10)));
        await Store.CommitAsync(new StoreChange.LeaseSaved(b));
        Assert.Equal([Period(a, 10, "op-a"), Period(b, null, null)], await PeriodsAsync());
    }

    [Fact]
    public async Task An_address_that_its_owner_takes_back_while_it_cools_was_held_twice()
    {
        var (first, second) = (Lease("a", 0), Lease("a", 15));
        await Store.CommitAsync(new StoreChange.LeaseSaved(first, "op-1"));
        await Store.CommitAsync(new StoreChange.LeaseReleased(first, At(10)));
        await Store.CommitAsync(new StoreChange.LeaseSaved(second, "op-2"));
        await Store.CommitAsync(new StoreChange.LeaseReleased(second, At(30)));
        Assert.Equal([Period(first, 10, "op-1"), Period(second, 30, "op-2")], await PeriodsAsync());
    }

    [Fact]
    public async Task Events_are_found_by_type_subject_and_time_newest_first()
    {
        string[] types = ["vm.created", "vms.other", "vm", "pool.created", "vm.running", "vm.ready"];
        await Store.CommitAsync(
            new StoreChange.EventsSaved([
                .. types.Select((t, i) => new ControllerEvent(i + 10, At(i), t, i % 2 == 0 ? "vm-1" : "x", $"{i}")),
            ])
        );
        Assert.Equal([15L, 14, 13, 12, 11, 10], await IdsAsync(new EventFilter()));
        Assert.Equal([15L, 14, 12, 10], await IdsAsync(new EventFilter(Type: "vm")));
        Assert.Equal([14L, 12], await IdsAsync(new EventFilter("vm", "vm-1", At(2), At(4))));
        Assert.Empty(await IdsAsync(new EventFilter(Type: "v")));
        Assert.Empty(await IdsAsync(new EventFilter(Type: "vm.creat%")));
        Assert.Empty(await IdsAsync(new EventFilter(Subject: "vm")));
        Assert.Equal([12L, 11], await IdsAsync(new EventFilter(), before: 13, most: 2));
        var after = await History.ReadEventsAsync(after: 12, most: 2, Cancelled);
        Assert.Equal([13L, 14], after.Select(e => e.Id));

        async Task<IEnumerable<long>> IdsAsync(EventFilter filter, long? before = null, int most = 10) =>
            (await History.FindEventsAsync(filter, before, most, Cancelled)).Select(e => e.Id);
    }

    [Fact]
    public async Task An_event_is_read_as_it_was_stored()
    {
        var data = new Dictionary<string, string> { ["owner"] = "ann \"=\" ☃", [""] = "" };
        await Store.CommitAsync(
            new StoreChange.EventsSaved([
                new ControllerEvent(1, At(1), "lease.granted", "10.0.0.2", "a\n☃\u0000b", data),
                new ControllerEvent(2, At(2), "vm.ready", "", ""),
            ])
        );
        var read = await History.ReadEventsAsync(after: 0, most: 10, Cancelled);
        Assert.Equal(("lease.granted", "10.0.0.2", At(1)), (read[0].Type, read[0].Subject, read[0].Time));
        Assert.Equal(data, read[0].Data);
        Assert.Equal(new ControllerEvent(2, At(2), "vm.ready", "", ""), read[1]);
    }

    [Fact]
    public async Task Events_are_forgotten_by_age_and_number_but_for_the_newest()
    {
        Assert.Equal(default, await History.ReadEventBoundsAsync(At(0), most: 10, Cancelled));
        await Store.CommitAsync(
            new StoreChange.EventsSaved([
                .. new[] { 3, 5, 100_000, 100_001 }.Select((id, i) => new ControllerEvent(id, At(i), "t", "s", "")),
            ])
        );
        Assert.Equal(new EventBounds(3, 3), await History.ReadEventBoundsAsync(At(0), most: 10, Cancelled));
        Assert.Equal(new EventBounds(3, 5), await History.ReadEventBoundsAsync(At(1), most: 10, Cancelled));
        Assert.Equal(new EventBounds(3, 100_000), await History.ReadEventBoundsAsync(At(0), most: 2, Cancelled));
        Assert.Equal(new EventBounds(3, 100_001), await History.ReadEventBoundsAsync(At(9), most: 10, Cancelled));

        await Store.CommitAsync(new StoreChange.EventsForgotten(100_000));
        var left = await History.ReadEventsAsync(after: 0, most: 10, Cancelled);
        Assert.Equal([100_000L, 100_001], left.Select(e => e.Id));
    }

    [Fact]
    public async Task What_differed_in_the_host_network_is_kept_newest_first_and_forgotten_by_its_end()
    {
        var link = Drift("fcc0a86402", 10);
        var table = Drift("inet master_controller", 20) with
        {
            Difference = new Difference(DriftObject.Nftables, "inet master_controller", "there", "missing")
            {
                By = "nft (process 7)",
                Advice = "load no rules with \"flush ruleset\"",
            },
        };
        var foreign = Drift("ip filter FORWARD", 30) with
        {
            Difference = new Difference(DriftObject.Nftables, "ip filter FORWARD", "accept", "drop")
            {
                Owner = "Docker",
            },
            State = DriftState.Gone,
        };
        await Store.CommitAsync(new StoreChange.DriftEnded(table), new StoreChange.DriftEnded(link));
        await Store.CommitAsync(new StoreChange.DriftEnded(foreign), new StoreChange.DriftEnded(link));

        Assert.Equal([foreign, table, link], await History.ReadDriftAsync(10, Cancelled));
        Assert.Equal([foreign, table], await History.ReadDriftAsync(2, Cancelled));

        await Store.CommitAsync(new StoreChange.DriftForgotten(At(20)));
        Assert.Equal([foreign, table], await History.ReadDriftAsync(10, Cancelled));
    }

    private static DriftEntry Drift(string name, int ended) =>
        new(new Difference(DriftObject.Link, name, "up", "down"), At(1), 2, DriftState.Repaired, At(ended));

    [Fact]
    public async Task The_end_of_a_cool_down_and_the_end_of_a_pool_lose_no_history()
    {
        var (a, b) = (Lease("a", 0), Lease("b", 20));
        await Store.CommitAsync(new StoreChange.LeaseSaved(a, "op-a"), new StoreChange.LeaseReleased(a, At(10)));
        await Store.CommitAsync(new StoreChange.LeasesForgotten(Pool, [_address]));
        await Store.CommitAsync(new StoreChange.LeaseSaved(b, "op-b"), new StoreChange.LeaseReleased(b, At(30)));
        await Store.CommitAsync(new StoreChange.PoolDeleted(Pool));
        Assert.Equal([Period(a, 10, "op-a"), Period(b, 30, "op-b")], await PeriodsAsync());
    }

    [Fact]
    public async Task Repeated_changes_are_remembered_once()
    {
        var lease = Lease("a", 0);
        var sample = Sample(Pool, 0);
        StoreChange[] changes =
        [
            new StoreChange.LeaseSaved(lease, "op-a"),
            new StoreChange.LeaseReleased(lease, At(10)),
            Version(1, "create"),
            new StoreChange.UtilisationSaved(sample, SampleInterval.Minute),
        ];
        await Store.CommitAsync(changes);
        await Store.CommitAsync(changes[1..]);
        Assert.Equal([Period(lease, 10, "op-a")], await PeriodsAsync());
        Assert.Single(await History.ReadPoolVersionsAsync(Pool, Cancelled));
        Assert.Equal([sample], await SamplesAsync(SampleInterval.Minute, 0, 0));
    }

    [Fact]
    public async Task A_release_of_what_was_never_stored_is_remembered_without_an_operation()
    {
        var (a, b) = (Lease("a", 0), Lease("b", 5));
        await Store.CommitAsync(new StoreChange.LeaseReleased(a, At(1)));
        await Store.CommitAsync(new StoreChange.LeaseReleased(b, At(6)));
        Assert.Equal([Period(a, 1, null), Period(b, 6, null)], await PeriodsAsync());
    }

    [Fact]
    public async Task Leases_that_ended_before_a_time_are_forgotten_and_no_others()
    {
        // Minutes around the change of an hour, by which the store finds them.
        var ends = new[] { 10, 53, 54, 55, 3_000 };
        foreach (var end in ends)
        {
            var lease = Lease($"until-{end}", end - 1);
            await Store.CommitAsync(
                new StoreChange.LeaseSaved(lease),
                new StoreChange.LeaseReleased(lease, At(end)),
                new StoreChange.LeasesForgotten(Pool, [_address])
            );
        }
        await Store.CommitAsync(new StoreChange.LeaseSaved(Lease("now", 4_000)));
        for (var i = 0; i < ends.Length; i++)
        {
            await Store.CommitAsync(new StoreChange.LeaseHistoryForgotten(At(ends[i])));
            var owners = (await PeriodsAsync()).Select(p => p.Owner);
            Assert.Equal([.. ends[i..].Select(e => $"until-{e}"), "now"], owners);
        }
        await Store.CommitAsync(new StoreChange.LeaseHistoryForgotten(DateTimeOffset.MaxValue));
        Assert.Equal("now", Assert.Single(await PeriodsAsync()).Owner);
    }

    [Fact]
    public async Task Versions_of_a_pool_are_read_oldest_first_keep_what_they_are_and_go_with_it()
    {
        await Store.CommitAsync(Version(1, "create"), Version(2, "expand", "op-2"));
        await Store.CommitAsync(Version(2, "shrink"));
        await Store.CommitAsync(new StoreChange.PoolSaved(Definition("other", version: 1)), Version(10, "reserve"));
        var versions = await History.ReadPoolVersionsAsync(Pool, Cancelled);
        Assert.Equal(
            [(1L, "create", null), (2, "expand", "op-2"), (10, "reserve", null)],
            versions.Select(v => (v.Definition.Version, v.Action, v.OperationId))
        );
        Assert.Equivalent(Definition(Pool, version: 2), versions[1].Definition, strict: true);
        Assert.Equal(At(2), versions[1].Time);
        Assert.Empty(await History.ReadPoolVersionsAsync("other", Cancelled));

        await Store.CommitAsync(new StoreChange.PoolDeleted(Pool));
        await Store.CommitAsync(new StoreChange.PoolSaved(Definition(Pool, version: 1)));
        Assert.Empty(await History.ReadPoolVersionsAsync(Pool, Cancelled));
    }

    [Fact]
    public async Task Samples_are_read_by_pool_interval_and_time_and_forgotten_by_interval_and_time()
    {
        for (var minute = 0; minute < 5; minute++)
            await SaveSampleAsync(Pool, minute, SampleInterval.Minute);
        await SaveSampleAsync(Pool, 0, SampleInterval.Hour);
        Assert.Equal([1, 2, 3], await MinutesAsync(SampleInterval.Minute, 1, 3));
        Assert.Equal(Sample(Pool, 2), (await SamplesAsync(SampleInterval.Minute, 1, 3))[1]);

        await Store.CommitAsync(new StoreChange.UtilisationForgotten(SampleInterval.Minute, At(3)));
        Assert.Equal([3, 4], await MinutesAsync(SampleInterval.Minute, 0, 9));
        Assert.Equal([0], await MinutesAsync(SampleInterval.Hour, 0, 9));
    }

    [Fact]
    public async Task Samples_go_with_their_pool_and_those_of_no_pool_are_passed_over()
    {
        await SaveSampleAsync(Pool, 0, SampleInterval.Minute);
        await Store.CommitAsync(new StoreChange.PoolDeleted(Pool));
        await SaveSampleAsync(Pool, 1, SampleInterval.Minute);
        await Store.CommitAsync(new StoreChange.PoolSaved(Definition(Pool, version: 1)));
        Assert.Empty(await SamplesAsync(SampleInterval.Minute, 0, 9));
    }

    protected Task<IReadOnlyList<LeasePeriod>> PeriodsAsync() => History.ReadLeasePeriodsAsync(_address, Cancelled);

    private async Task<IEnumerable<int>> MinutesAsync(SampleInterval interval, int from, int to) =>
        (await SamplesAsync(interval, from, to)).Select(s => (int)(s.Time - _now).TotalMinutes);

    private Task<IReadOnlyList<UtilisationSample>> SamplesAsync(SampleInterval interval, int from, int to) =>
        History.ReadUtilisationAsync(Pool, interval, At(from), At(to), Cancelled);

    private Task SaveSampleAsync(string pool, int minute, SampleInterval interval) =>
        Store.CommitAsync(new StoreChange.UtilisationSaved(Sample(pool, minute), interval));

    private static DateTimeOffset At(int minute) => _now.AddMinutes(minute);

    private static Lease Lease(string owner, int minute) => new(Pool, _address, owner, At(minute));

    private static LeasePeriod Period(Lease lease, int? until, string? operationId) =>
        new(lease.Pool, lease.Address, lease.Owner, lease.Since, until is { } end ? At(end) : null, operationId);

    private static UtilisationSample Sample(string pool, int minute) =>
        new(pool, At(minute), new PoolCounts(16_777_213, minute, 2, 3, 16_777_208 - minute));

    private static StoreChange Version(long version, string action, string? operationId = null) =>
        new StoreChange.PoolVersionSaved(
            new PoolVersion(Definition(Pool, version), At((int)version), action, operationId)
        );

    private static PoolDefinition Definition(string name, long version) =>
        new(
            name,
            [
                new AddressRange(
                    Ipv4Network.Parse("10.0.0.0/8"),
                    Ipv4Address.Parse("10.0.0.2"),
                    Ipv4Address.Parse("10.255.255.254"),
                    Ipv4Address.Parse("10.0.0.1"),
                    [Ipv4Network.Parse("10.9.0.0/16")]
                ),
            ],
            TimeSpan.FromSeconds(90),
            AllocationStrategy.LeastRecentlyUsed,
            AllowVmToVm: false,
            version,
            AllowEarlyReuse: true,
            [new KeptGateway(Ipv4Address.Parse("10.4.0.1"), Ipv4Network.Parse("10.4.0.0/16"), _now)],
            [new Drain(Ipv4Address.Parse("10.8.0.0"), Ipv4Address.Parse("10.8.0.255"), "op-0123456789ab")]
        );
}

public sealed class InMemoryStateHistoryTests : StateHistoryTests
{
    private readonly InMemoryStateStore _store = new();

    protected override IStateStore Store => _store;

    protected override IStateHistory History => _store;
}
