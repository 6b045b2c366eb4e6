using MasterController.Core.Addressing;
using MasterController.Core.Events;
using MasterController.Core.Store;
using MasterController.Linux.Addresses;
using MasterController.Tests.Store;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace MasterController.Tests.Addressing;

public sealed class PoolDirectoryTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Nothing_can_be_leased_or_created_before_the_pools_are_loaded()
    {
        using var directory = new PoolDirectory(
            new InMemoryStateStore(),
            new EventHub(TimeProvider.System),
            TimeProvider.System
        );
        await Assert.ThrowsAsync<InvalidOperationException>(() =>
            directory.LeaseAsync("default", "a", null, null, Cancelled)
        );
        await Assert.ThrowsAsync<InvalidOperationException>(() =>
            directory.CreateAsync(new PoolRequest("default", [new RangeRequest("10.0.0.0/8")]), Cancelled)
        );
    }

    [Fact]
    public async Task A_lease_is_not_answered_before_it_is_durable()
    {
        using var pool = await PoolFixture.WithAsync("192.0.2.0/24");
        var gate = pool.Store.HoldBack();
        var lease = pool.TryLeaseAsync("a");
        var retry = pool.TryLeaseAsync("a");
        var release = pool.ReleaseAsync("192.0.2.2", "a");
        Assert.False(lease.IsCompleted || retry.IsCompleted || release.IsCompleted);
        Assert.Empty(pool.Directory.Leases(PoolFixture.Pool));

        gate.SetResult();
        Assert.IsType<LeaseOutcome.Granted>(await lease);
        Assert.IsType<LeaseOutcome.AlreadyHeld>(await retry, exactMatch: false);
        Assert.IsType<ReleaseOutcome.Released>(await release);
    }

    [Fact]
    public async Task A_refused_commit_gives_the_exception_and_leaves_memory_as_it_was()
    {
        using var pool = await PoolFixture.WithAsync("192.0.2.0/24");
        var before = pool.Counts;
        pool.Store.Refuses = _ => true;
        await Assert.ThrowsAsync<StoreException>(() => pool.TryLeaseAsync("a"));
        Assert.Equal(before, pool.Counts);

        pool.Store.Refuses = _ => false;
        Assert.Equal("192.0.2.2", await pool.LeaseAsync("b"));
    }

    [Fact]
    public async Task A_refused_release_leaves_the_lease_with_its_owner_and_time()
    {
        using var pool = await PoolFixture.WithAsync("192.0.2.0/24");
        await pool.LeaseAsync("a");
        var before = pool.Directory.Leases(PoolFixture.Pool);
        pool.Clock.Advance(TimeSpan.FromSeconds(5));
        pool.Store.Refuses = _ => true;
        await Assert.ThrowsAsync<StoreException>(() => pool.ReleaseAsync("192.0.2.2", "a"));
        Assert.Equal(before, pool.Directory.Leases(PoolFixture.Pool));
        Assert.Equal(1, pool.Counts.Used);
    }

    [Fact]
    public async Task A_refused_lease_of_a_cooling_address_leaves_it_cooling_for_its_owner()
    {
        using var pool = await PoolFixture.WithAsync("192.0.2.0/24");
        await pool.LeaseAsync("a");
        await pool.ReleaseAsync("192.0.2.2", "a");
        pool.Store.Refuses = _ => true;
        await Assert.ThrowsAsync<StoreException>(() => pool.TryLeaseAsync("a"));
        await Assert.ThrowsAsync<StoreException>(() => pool.TryLeaseAsync("a", "192.0.2.77"));
        pool.Store.Refuses = _ => false;
        Assert.Equal(1, pool.Counts.Cooling);
        Assert.Equal("192.0.2.3", await pool.LeaseAsync("b"));
        Assert.Equal("192.0.2.2", await pool.LeaseAsync("a"));
    }

    [Fact]
    public async Task A_retry_that_waits_on_a_lease_that_fails_gets_a_lease_of_its_own()
    {
        using var pool = await PoolFixture.WithAsync("192.0.2.0/24");
        var refused = 0;
        pool.Store.Refuses = _ => Interlocked.Increment(ref refused) == 1;
        var gate = pool.Store.HoldBack();
        var first = pool.TryLeaseAsync("a");
        var retry = pool.TryLeaseAsync("a");
        gate.SetResult();
        await Assert.ThrowsAsync<StoreException>(() => first);
        Assert.IsType<LeaseOutcome.Granted>(await retry);
        Assert.Equal(1, pool.Counts.Used);
    }

    [Fact]
    public async Task An_address_on_its_way_back_goes_to_nobody_else_even_without_cool_down()
    {
        using var pool = PoolFixture.Empty();
        await pool.CreateAsync(
            new PoolRequest(PoolFixture.Pool, [new RangeRequest("192.0.2.0/29")], Cooldown: TimeSpan.Zero)
        );
        await pool.LeaseAsync("a");
        var gate = pool.Store.HoldBack();
        var release = pool.ReleaseAsync("192.0.2.2", "a");
        var other = pool.TryLeaseAsync("b");
        pool.Store.Refuses = changes => changes.Any(c => c is StoreChange.LeaseReleased);
        gate.SetResult();
        await Assert.ThrowsAsync<StoreException>(() => release);
        Assert.Equal("192.0.2.3", Assert.IsType<LeaseOutcome.Granted>(await other).Lease.Address.ToString());
        Assert.Equal(2, pool.Counts.Used);
    }

    [Fact]
    public async Task What_goes_alongside_is_in_the_very_commit_of_the_lease()
    {
        using var pool = await PoolFixture.WithAsync("192.0.2.0/24");
        await pool.Directory.LeaseAsync(
            PoolFixture.Pool,
            "a",
            null,
            lease => [new StoreChange.SettingSaved("leased", lease.Address.ToString())],
            Cancelled
        );
        var commit = pool.Store.Commits[^1];
        Assert.Contains(commit, c => c is StoreChange.LeaseSaved { Lease.Owner: "a" });
        Assert.Contains(new StoreChange.SettingSaved("leased", "192.0.2.2"), commit);
    }

    [Fact]
    public async Task A_callback_that_throws_leaves_nothing_leased()
    {
        using var pool = await PoolFixture.WithAsync("192.0.2.0/24");
        await Assert.ThrowsAsync<TimeZoneNotFoundException>(() =>
            pool.Directory.LeaseAsync(
                PoolFixture.Pool,
                "a",
                null,
                _ => throw new TimeZoneNotFoundException(),
                Cancelled
            )
        );
        Assert.Equal(0, pool.Counts.Used);
    }

    [Fact]
    public async Task Cancelling_while_waiting_for_another_caller_takes_nothing()
    {
        using var pool = await PoolFixture.WithAsync("192.0.2.0/24");
        var gate = pool.Store.HoldBack();
        var first = pool.TryLeaseAsync("a");
        using var source = new CancellationTokenSource();
        var second = pool.Directory.LeaseAsync(PoolFixture.Pool, "a", null, null, source.Token);
        await source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second);
        gate.SetResult();
        Assert.IsType<LeaseOutcome.Granted>(await first);
    }

    [Fact]
    public async Task A_wanted_address_is_given_or_refused_with_the_reason()
    {
        using var pool = await PoolFixture.WithAsync(
            new RangeRequest("192.0.2.0/24", Reservations: ["192.0.2.64/26"]),
            new RangeRequest("198.51.100.0/24", Gateway: "198.51.100.9")
        );
        Assert.Equal("192.0.2.9", await pool.LeaseAsync("a", "192.0.2.9"));
        Assert.IsType<LeaseOutcome.AlreadyHeld>(await pool.TryLeaseAsync("a", "192.0.2.9"));
        var other = Assert.IsType<LeaseOutcome.OwnerHoldsOther>(await pool.TryLeaseAsync("a", "192.0.2.10"));
        Assert.Equal("192.0.2.9", other.Held.Address.ToString());

        Assert.Contains("192.0.2.64/26", await ReasonAsync("192.0.2.100"));
        Assert.Contains("gateway of 192.0.2.0/24", await ReasonAsync("192.0.2.1"));
        Assert.Contains("gateway of 198.51.100.0/24", await ReasonAsync("198.51.100.9"));
        Assert.IsType<LeaseOutcome.OutsidePool>(await pool.TryLeaseAsync("b", "192.0.2.255"));

        await pool.ReleaseAsync("192.0.2.9", "a");
        var cooling = Assert.IsType<LeaseOutcome.Cooling>(await pool.TryLeaseAsync("b", "192.0.2.9"));
        Assert.Equal(pool.Clock.GetUtcNow() + TimeSpan.FromSeconds(30), cooling.Until);
        Assert.Equal("192.0.2.9", await pool.LeaseAsync("a", "192.0.2.9"));

        async Task<string> ReasonAsync(string wanted) =>
            Assert.IsType<LeaseOutcome.Reserved>(await pool.TryLeaseAsync("b", wanted)).Reason;
    }

    [Fact]
    public async Task A_release_needs_the_lease_and_its_owner()
    {
        using var pool = await PoolFixture.WithAsync("192.0.2.0/24");
        await pool.LeaseAsync("a");
        Assert.Equal("a", Assert.IsType<ReleaseOutcome.HeldByOther>(await pool.ReleaseAsync("192.0.2.2", "b")).Owner);
        Assert.IsType<ReleaseOutcome.NotLeased>(await pool.ReleaseAsync("192.0.2.3", "a"));
        Assert.IsType<ReleaseOutcome.NotLeased>(await pool.ReleaseAsync("203.0.113.1", "a"));
        Assert.IsType<ReleaseOutcome.NoSuchPool>(await pool.ReleaseAsync("192.0.2.2", "a", "nowhere"));
        Assert.IsType<ReleaseOutcome.Released>(await pool.ReleaseAsync("192.0.2.2", "a"));
        Assert.IsType<ReleaseOutcome.NotLeased>(await pool.ReleaseAsync("192.0.2.2", "a"));
    }

    [Fact]
    public async Task A_bad_owner_and_an_unknown_pool_are_answers()
    {
        using var pool = await PoolFixture.WithAsync("192.0.2.0/24");
        Assert.Equal("owner", Assert.IsType<LeaseOutcome.Invalid>(await pool.TryLeaseAsync("a\n")).Field);
        Assert.IsType<LeaseOutcome.NoSuchPool>(await pool.TryLeaseAsync("a", pool: "nowhere"));
        Assert.Null(pool.Directory.Counts("nowhere"));
        Assert.Empty(pool.Directory.Leases("nowhere"));
    }

    [Fact]
    public async Task After_a_restart_leases_stand_and_cool_downs_go_on()
    {
        using var pool = await PoolFixture.WithAsync("192.0.2.0/29");
        await pool.LeaseAsync("a");
        await pool.LeaseAsync("b");
        await pool.ReleaseAsync("192.0.2.3", "b");
        pool.Clock.Advance(TimeSpan.FromSeconds(20));
        await pool.RestartAsync();

        Assert.IsType<LeaseOutcome.AlreadyHeld>(await pool.TryLeaseAsync("a"));
        Assert.Equal("192.0.2.4", await pool.LeaseAsync("c"));
        pool.Clock.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal("192.0.2.3", await pool.LeaseAsync("d"));
    }

    [Fact]
    public async Task A_crash_before_the_commit_leaves_the_address_free_and_a_retry_gets_it()
    {
        using var pool = await PoolFixture.WithAsync("192.0.2.0/24");
        pool.Store.CrashAfter(commits: 1);
        await pool.LeaseAsync("stored");
        var lost = pool.TryLeaseAsync("lost");
        Assert.False(lost.IsCompleted);
        await pool.RestartAsync();
        Assert.Equal(["stored"], pool.Directory.Leases(PoolFixture.Pool).Select(l => l.Owner));
        Assert.Equal("192.0.2.3", await pool.LeaseAsync("lost"));
    }

    [Fact]
    public async Task Ended_cool_downs_leave_the_store_with_later_commits()
    {
        using var pool = await PoolFixture.WithAsync("192.0.2.0/24");
        for (var i = 0; i < 20; i++)
            await pool.LeaseAsync($"vm-{i}");
        for (var i = 0; i < 20; i++)
            await pool.ReleaseAsync($"192.0.2.{i + 2}", $"vm-{i}");
        pool.Clock.Advance(TimeSpan.FromSeconds(31));
        await pool.LeaseAsync("next");
        Assert.Empty((await pool.Store.LoadAsync(Cancelled)).Released);
        Assert.Single((await pool.Store.LoadAsync(Cancelled)).Leases);
    }

    [Fact]
    public async Task Cool_downs_that_ended_while_nothing_ran_leave_the_store_after_the_start()
    {
        using var pool = await PoolFixture.WithAsync("192.0.2.0/24");
        await pool.LeaseAsync("a");
        await pool.ReleaseAsync("192.0.2.2", "a");
        pool.Clock.Advance(TimeSpan.FromHours(1));
        await pool.RestartAsync();
        Assert.Equal(0, pool.Counts.Cooling);
        await pool.LeaseAsync("b", "192.0.2.50");
        Assert.Empty((await pool.Store.LoadAsync(Cancelled)).Released);
    }

    [Fact]
    public void A_clock_set_back_does_not_prolong_the_cool_down_beyond_its_length()
    {
        var clock = new FakeTimeProvider();
        var memory = new AddressPool(
            Assert
                .IsType<PoolOutcome.Done>(PoolRules.Check(new PoolRequest("p", [new RangeRequest("192.0.2.0/32")]), []))
                .Pool
        );
        var now = clock.GetUtcNow();
        var late = now + TimeSpan.FromDays(1);
        Assert.Null(memory.Lease("a", null, late, out var grant));
        Assert.Null(memory.Release(grant.Address, "a", late, out _));
        memory.Settle(grant.Address);
        Assert.IsType<LeaseOutcome.Exhausted>(memory.Lease("b", null, now, out _));
        Assert.Null(memory.Lease("b", null, now + TimeSpan.FromSeconds(30), out _));
    }

    [Fact]
    public async Task A_pool_goes_only_when_no_lease_is_out_and_its_addresses_are_free_for_another()
    {
        using var pool = await PoolFixture.WithAsync("192.0.2.0/24");
        await pool.LeaseAsync("a");
        var refusal = Assert.IsType<PoolOutcome.HasLeases>(
            await pool.Directory.DeleteAsync(PoolFixture.Pool, Cancelled)
        );
        Assert.Equal("a", Assert.Single(refusal.Leases).Owner);
        Assert.IsType<LeaseOutcome.AlreadyHeld>(await pool.TryLeaseAsync("a"));

        await pool.ReleaseAsync("192.0.2.2", "a");
        Assert.IsType<PoolOutcome.Done>(await pool.Directory.DeleteAsync(PoolFixture.Pool, Cancelled));
        Assert.IsType<PoolOutcome.NoSuchPool>(await pool.Directory.DeleteAsync(PoolFixture.Pool, Cancelled));
        Assert.IsType<LeaseOutcome.NoSuchPool>(await pool.TryLeaseAsync("a"));
        await pool.CreateAsync(new PoolRequest("again", [new RangeRequest("192.0.2.0/24")]));
        Assert.Equal("192.0.2.2", await pool.LeaseAsync("b", pool: "again"));
    }

    [Fact]
    public async Task A_lease_on_its_way_holds_up_the_deletion_and_stops_it()
    {
        using var pool = await PoolFixture.WithAsync("192.0.2.0/24");
        var gate = pool.Store.HoldBack();
        var lease = pool.TryLeaseAsync("a");
        var deletion = pool.Directory.DeleteAsync(PoolFixture.Pool, Cancelled);
        var late = pool.TryLeaseAsync("b");
        Assert.False(deletion.IsCompleted || late.IsCompleted);
        gate.SetResult();
        Assert.IsType<LeaseOutcome.Granted>(await lease);
        Assert.IsType<PoolOutcome.HasLeases>(await deletion);
        Assert.IsType<LeaseOutcome.Granted>(await late);
    }

    [Fact]
    public async Task A_pool_that_the_store_refuses_is_not_there()
    {
        using var pool = await PoolFixture.WithAsync("192.0.2.0/24");
        pool.Store.Refuses = _ => true;
        var request = new PoolRequest("second", [new RangeRequest("10.0.0.0/8")]);
        await Assert.ThrowsAsync<StoreException>(() => pool.Directory.CreateAsync(request, Cancelled));
        await Assert.ThrowsAsync<StoreException>(() => pool.Directory.DeleteAsync(PoolFixture.Pool, Cancelled));
        pool.Store.Refuses = _ => false;
        Assert.Null(pool.Directory.Find("second"));
        Assert.Equal("192.0.2.2", await pool.LeaseAsync("a"));
        await pool.CreateAsync(request);
    }

    [Fact]
    public async Task Events_tell_what_became_durable_and_exhaustion_once()
    {
        using var pool = await PoolFixture.WithAsync("192.0.2.0/30");
        await pool.LeaseAsync("a");
        await pool.TryLeaseAsync("b");
        await pool.TryLeaseAsync("c");
        await pool.ReleaseAsync("192.0.2.2", "a");
        pool.Store.Refuses = _ => true;
        await Assert.ThrowsAsync<StoreException>(() => pool.TryLeaseAsync("a"));
        pool.Store.Refuses = _ => false;
        await pool.Directory.DeleteAsync(PoolFixture.Pool, Cancelled);

        List<string> seen = [];
        await foreach (var happened in pool.Events.SubscribeAsync(afterId: 0, Cancelled))
        {
            seen.Add($"{happened.Type} {happened.Subject}");
            if (happened.Type == "pool.deleted")
                break;
        }
        Assert.Equal(
            [
                "pool.created default",
                "lease.granted 192.0.2.2",
                "pool.exhausted default",
                "lease.released 192.0.2.2",
                "pool.deleted default",
            ],
            seen
        );
    }

    [Fact]
    public async Task A_snapshot_that_contradicts_itself_is_refused_with_the_lease_named()
    {
        using var pool = await PoolFixture.WithAsync("192.0.2.0/24");
        var lease = new Lease(PoolFixture.Pool, Ipv4Address.Parse("203.0.113.9"), "astray", pool.Clock.GetUtcNow());
        await pool.Store.CommitAsync(new StoreChange.LeaseSaved(lease));
        var failure = await Assert.ThrowsAsync<InvalidDataException>(pool.RestartAsync);
        Assert.Contains("203.0.113.9", failure.Message);
    }

    [Fact]
    public async Task Sixteen_threads_never_get_an_address_twice()
    {
        using var pool = PoolFixture.Empty();
        await pool.CreateAsync(
            new PoolRequest(PoolFixture.Pool, [new RangeRequest("192.0.2.0/26")], Cooldown: TimeSpan.Zero)
        );
        var holders = new int[256];
        await Task.WhenAll(
            Enumerable
                .Range(0, 16)
                .Select(caller =>
                    Task.Run(async () =>
                    {
                        for (var i = 0; i < 300; i++)
                        {
                            var owner = $"{caller}-{i}";
                            if (
                                await pool.TryLeaseAsync(owner)
                                is not LeaseOutcome.Granted { Lease.Address: var address }
                            )
                                continue;
                            Assert.Equal(1, Interlocked.Increment(ref holders[(byte)address.Value]));
                            await Task.Yield();
                            Assert.Equal(0, Interlocked.Decrement(ref holders[(byte)address.Value]));
                            Assert.IsType<ReleaseOutcome.Released>(await pool.ReleaseAsync(address.ToString(), owner));
                        }
                    })
                )
        );
        Assert.Equal(0, pool.Counts.Used);
        Assert.Equal(pool.Counts.Total, pool.Counts.Free);
    }
}
