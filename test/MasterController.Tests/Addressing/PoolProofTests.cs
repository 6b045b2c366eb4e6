using MasterController.Core.Addressing;
using MasterController.Core.Store;
using MasterController.Linux.Addresses;
using Xunit;

namespace MasterController.Tests.Addressing;

/// <summary>Leases for a moment, and waiting for leases to end.</summary>
public sealed class PoolProofTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_highest_free_address_is_leased_and_given_back_as_if_nothing_had_happened()
    {
        using var pool = await PoolFixture.WithAsync(new RangeRequest("192.0.2.0/24", Reservations: ["192.0.2.254"]));
        await pool.LeaseAsync("holder", "192.0.2.253");
        var before = pool.Counts;
        var granted = Assert.IsType<LeaseOutcome.Granted>(await TryOutAsync(pool, "192.0.2.0", "192.0.2.255"));
        Assert.Equal("192.0.2.252", granted.Lease.Address.ToString());
        Assert.Equal("mc-prove/operation-1", granted.Lease.Owner);
        Assert.Equal(before, pool.Counts);
        Assert.Equal("192.0.2.2", await pool.LeaseAsync("next"));

        var period = Assert.Single(await pool.Store.ReadLeasePeriodsAsync(granted.Lease.Address, Cancelled));
        Assert.Equal(("operation-1", true), (period.OperationId, period.Until is not null));
        var stored = await pool.Store.LoadAsync(Cancelled);
        Assert.Empty(stored.Released);
        Assert.Equal(2, stored.Leases.Count);
    }

    [Fact]
    public async Task Only_the_stretch_is_tried()
    {
        using var pool = await PoolFixture.WithAsync(
            new RangeRequest("192.0.2.0/29"),
            new RangeRequest("198.51.100.0/29")
        );
        var granted = Assert.IsType<LeaseOutcome.Granted>(await TryOutAsync(pool, "0.0.0.0", "192.0.2.4"));
        Assert.Equal("192.0.2.4", granted.Lease.Address.ToString());
        granted = Assert.IsType<LeaseOutcome.Granted>(await TryOutAsync(pool, "0.0.0.0", "198.51.100.1"));
        Assert.Equal("192.0.2.6", granted.Lease.Address.ToString());
    }

    [Fact]
    public async Task A_stretch_with_nothing_free_is_exhausted()
    {
        using var pool = await PoolFixture.WithAsync("192.0.2.0/30");
        await pool.LeaseAsync("a");
        Assert.IsType<LeaseOutcome.Exhausted>(await TryOutAsync(pool, "192.0.2.0", "192.0.2.255"));
        Assert.IsType<LeaseOutcome.Exhausted>(await TryOutAsync(pool, "10.0.0.0", "10.255.255.255"));
        Assert.Equal(1, pool.Counts.Used);
        Assert.IsType<LeaseOutcome.NoSuchPool>(
            await pool.Directory.TryOutAsync("nowhere", new(0), new(1), "operation-1", Cancelled)
        );
    }

    [Fact]
    public async Task A_crash_in_the_middle_orphans_nothing()
    {
        using var pool = await PoolFixture.WithAsync("192.0.2.0/24");
        pool.Store.CrashAfter(commits: 1);
        var lost = TryOutAsync(pool, "192.0.2.0", "192.0.2.255");
        Assert.False(lost.IsCompleted);
        Assert.Single((await pool.Store.LoadAsync(Cancelled)).Leases);
        await pool.RestartAsync();
        Assert.Equal(pool.Counts.Total, pool.Counts.Free);
        var stored = await pool.Store.LoadAsync(Cancelled);
        Assert.Empty(stored.Leases);
        Assert.Empty(stored.Released);
    }

    [Fact]
    public async Task Where_the_store_refuses_the_release_the_next_try_gives_it_back()
    {
        using var pool = await PoolFixture.WithAsync("192.0.2.0/24");
        pool.Store.Refuses = changes => changes.Any(c => c is StoreChange.LeaseReleased);
        await Assert.ThrowsAsync<StoreException>(() => TryOutAsync(pool, "192.0.2.0", "192.0.2.255"));
        Assert.Equal(1, pool.Counts.Used);
        pool.Store.Refuses = _ => false;
        Assert.IsType<LeaseOutcome.Granted>(await TryOutAsync(pool, "192.0.2.0", "192.0.2.255"));
        Assert.Equal(0, pool.Counts.Used);
    }

    [Fact]
    public async Task A_proof_that_was_left_does_not_hold_up_the_way_back()
    {
        using var pool = await PoolFixture.WithAsync("192.0.2.0/28");
        var original = pool.Directory.Find(PoolFixture.Pool)!;
        await pool.RedefineAsync(p => p with { Ranges = [PoolFixture.Range("192.0.2.0/24")] });
        pool.Store.Refuses = changes => changes.Any(c => c is StoreChange.LeaseReleased);
        await Assert.ThrowsAsync<StoreException>(() => TryOutAsync(pool, "192.0.2.0", "192.0.2.255"));
        pool.Store.Refuses = _ => false;
        Assert.IsType<PoolOutcome.Done>(await pool.TryRedefineAsync(original with { Version = 3 }));
        Assert.Equal(new PoolCounts(Total: 13, Used: 0, Cooling: 0, Reserved: 0, Free: 13), pool.Counts);
        Assert.Empty((await pool.Store.LoadAsync(Cancelled)).Leases);
    }

    [Fact]
    public async Task Nobody_else_leases_under_the_name_of_a_proof()
    {
        using var pool = await PoolFixture.WithAsync("192.0.2.0/28");
        var refusal = Assert.IsType<LeaseOutcome.Invalid>(await pool.TryLeaseAsync("mc-prove/operation-1"));
        Assert.Equal("owner", refusal.Field);
        Assert.Contains("mc-prove/", refusal.Message);
    }

    [Fact]
    public async Task The_operation_that_takes_an_address_is_in_its_history()
    {
        using var pool = await PoolFixture.WithAsync("192.0.2.0/28");
        await pool.Directory.LeaseAsync(PoolFixture.Pool, "vm-1", null, null, Cancelled, "operation-7");
        var period = Assert.Single(await pool.Store.ReadLeasePeriodsAsync(Ipv4Address.Parse("192.0.2.2"), Cancelled));
        Assert.Equal("operation-7", period.OperationId);
    }

    [Fact]
    public async Task Waiting_ends_when_the_last_lease_of_the_stretch_has_durably_ended()
    {
        using var pool = await PoolFixture.WithAsync("192.0.2.0/24");
        for (var i = 0; i < 20; i++)
            await pool.LeaseAsync($"vm-{i}");
        var unused = WaitAsync(pool, "192.0.2.0", "192.0.2.15");
        for (var i = 13; i > 0; i--)
            await pool.ReleaseAsync($"192.0.2.{i + 2}", $"vm-{i}");
        Assert.False(unused.IsCompleted);
        var gate = pool.Store.HoldBack();
        var release = pool.ReleaseAsync("192.0.2.2", "vm-0");
        var late = WaitAsync(pool, "192.0.2.0", "192.0.2.15");
        await Task.Yield();
        Assert.False(unused.IsCompleted || late.IsCompleted);
        gate.SetResult();
        await release;
        await unused;
        await late;
        Assert.Equal(6, pool.Counts.Used);
    }

    [Fact]
    public async Task A_lease_that_comes_while_others_are_waited_for_is_waited_for_too()
    {
        using var pool = PoolFixture.Empty();
        await pool.CreateAsync(
            new PoolRequest(PoolFixture.Pool, [new RangeRequest("192.0.2.0/24")], Cooldown: TimeSpan.Zero)
        );
        await pool.LeaseAsync("low");
        await pool.LeaseAsync("high");
        var unused = WaitAsync(pool, "192.0.2.0", "192.0.2.255");
        await pool.ReleaseAsync("192.0.2.2", "low");
        await pool.LeaseAsync("again");
        await pool.ReleaseAsync("192.0.2.3", "high");
        Assert.NotSame(unused, await Task.WhenAny(unused, Task.Delay(50, Cancelled)));
        await pool.ReleaseAsync("192.0.2.2", "again");
        await unused;
    }

    [Fact]
    public async Task Waiting_for_nothing_ends_at_once_and_can_be_cancelled()
    {
        using var pool = await PoolFixture.WithAsync("192.0.2.0/24");
        await pool.LeaseAsync("a");
        await WaitAsync(pool, "192.0.2.3", "192.0.2.255");
        await pool.Directory.WaitUntilUnusedAsync("nowhere", new(0), new(1), Cancelled);
        using var source = new CancellationTokenSource();
        var unused = pool.Directory.WaitUntilUnusedAsync(PoolFixture.Pool, new(0), new(uint.MaxValue), source.Token);
        await source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => unused);
        Assert.Single(pool.Directory.LeasesIn(PoolFixture.Pool, new(0), new(uint.MaxValue)));
        Assert.Empty(pool.Directory.LeasesIn(PoolFixture.Pool, Ipv4Address.Parse("192.0.2.3"), new(uint.MaxValue)));
    }

    private static Task<LeaseOutcome> TryOutAsync(PoolFixture pool, string first, string last) =>
        pool.Directory.TryOutAsync(
            PoolFixture.Pool,
            Ipv4Address.Parse(first),
            Ipv4Address.Parse(last),
            "operation-1",
            Cancelled
        );

    private static Task WaitAsync(PoolFixture pool, string first, string last) =>
        pool.Directory.WaitUntilUnusedAsync(
            PoolFixture.Pool,
            Ipv4Address.Parse(first),
            Ipv4Address.Parse(last),
            Cancelled
        );
}
