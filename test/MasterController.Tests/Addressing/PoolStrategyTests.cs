using MasterController.Core.Addressing;
using MasterController.Core.Events;
using MasterController.Core.Store;
using Xunit;

namespace MasterController.Tests.Addressing;

public sealed class PoolStrategyTests
{
    private static readonly DateTimeOffset _now = DateTimeOffset.UnixEpoch;

    [Fact]
    public async Task Next_goes_on_behind_the_last_grant_through_all_ranges_and_begins_anew()
    {
        using var pool = await OfAsync("next", "192.0.2.0/29", "198.51.100.0/30");
        Assert.Equal("192.0.2.2", await pool.LeaseAsync("a"));
        Assert.Equal("192.0.2.3", await pool.LeaseAsync("b"));
        await pool.ReleaseAsync("192.0.2.2", "a");
        Assert.Equal("192.0.2.4", await pool.LeaseAsync("c"));
        Assert.Equal("192.0.2.6", await pool.LeaseAsync("d", "192.0.2.6"));
        Assert.Equal("198.51.100.2", await pool.LeaseAsync("e"));
        pool.Clock.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal("192.0.2.2", await pool.LeaseAsync("f"));
        Assert.Equal("192.0.2.5", await pool.LeaseAsync("g"));
        Assert.IsType<LeaseOutcome.Exhausted>(await pool.TryLeaseAsync("h"));
    }

    [Fact]
    public async Task Next_goes_on_after_a_restart_behind_the_youngest_lease()
    {
        using var pool = await OfAsync("next", "192.0.2.0/28");
        foreach (var owner in new[] { "a", "b", "c" })
        {
            await pool.LeaseAsync(owner);
            pool.Clock.Advance(TimeSpan.FromSeconds(1));
        }
        await pool.ReleaseAsync("192.0.2.2", "a");
        await pool.RestartAsync();
        Assert.Equal("192.0.2.5", await pool.LeaseAsync("d"));
    }

    [Fact]
    public async Task Next_does_not_go_on_from_what_was_refused_or_only_tried_out()
    {
        using var pool = await OfAsync("next", "192.0.2.0/28");
        await pool.LeaseAsync("a");
        pool.Store.Refuses = _ => true;
        await Assert.ThrowsAsync<StoreException>(() => pool.TryLeaseAsync("b", "192.0.2.9"));
        pool.Store.Refuses = _ => false;
        await TryOutAsync(pool);
        Assert.Equal("192.0.2.3", await pool.LeaseAsync("c"));
    }

    [Fact]
    public void Random_begins_anywhere_and_takes_what_is_free_from_there()
    {
        var pool = PoolOf("random", 30, new Starts(5, 3, 8), "192.0.2.0/29", "198.51.100.0/29");
        Assert.Equal(["198.51.100.2", "192.0.2.5", "198.51.100.5"], Lease(pool, "a", "b", "c"));
        pool = PoolOf("random", 30, new Starts(3, 3, 3, 3), "192.0.2.0/29");
        Assert.Equal(["192.0.2.5", "192.0.2.6", "192.0.2.2", "192.0.2.3"], Lease(pool, "a", "b", "c", "d"));
    }

    [Fact]
    public void Random_finds_every_address_and_spreads_them()
    {
        var pool = PoolOf("random", 30, new Random(1), "192.0.2.0/24");
        var addresses = Lease(pool, [.. Enumerable.Range(0, 253).Select(i => $"vm-{i}")]);
        Assert.Equal(253, addresses.Distinct().Count());
        Assert.NotEqual(addresses.Order(StringComparer.Ordinal), addresses);
        Assert.IsType<LeaseOutcome.Exhausted>(pool.Lease("late", null, _now, out _));
    }

    [Fact]
    public async Task Least_recently_used_gives_new_addresses_first_and_then_what_came_back_first()
    {
        using var pool = await OfAsync("least-recently-used", "192.0.2.0/29");
        Assert.Equal("192.0.2.2", await pool.LeaseAsync("a"));
        Assert.Equal("192.0.2.3", await pool.LeaseAsync("b"));
        Assert.Equal("192.0.2.4", await pool.LeaseAsync("c"));
        await pool.ReleaseAsync("192.0.2.4", "c");
        await pool.ReleaseAsync("192.0.2.2", "a");
        pool.Clock.Advance(TimeSpan.FromMinutes(1));
        await TryOutAsync(pool);
        Assert.Equal("192.0.2.5", await pool.LeaseAsync("d"));
        Assert.Equal("192.0.2.6", await pool.LeaseAsync("e"));
        pool.Store.Refuses = _ => true;
        await Assert.ThrowsAsync<StoreException>(() => pool.TryLeaseAsync("f"));
        pool.Store.Refuses = _ => false;
        await TryOutAsync(pool);
        Assert.Equal("192.0.2.4", await pool.LeaseAsync("f"));
        Assert.Equal("192.0.2.2", await pool.LeaseAsync("g"));
        Assert.IsType<LeaseOutcome.Exhausted>(await pool.TryLeaseAsync("h"));
    }

    [Fact]
    public void Least_recently_used_keeps_its_order_through_many_that_are_wanted_out_of_turn()
    {
        var pool = PoolOf("least-recently-used", 0, Random.Shared, "192.0.2.0/29");
        var addresses = Lease(pool, "1", "2", "3", "4", "5");
        foreach (var (address, owner) in addresses.Zip(["1", "2", "3", "4", "5"]))
            Release(pool, address, owner);
        for (var i = 0; i < 5_000; i++)
        {
            Assert.Null(pool.Lease("wants", new(0xC000_0204), _now, out _));
            Release(pool, "192.0.2.4", "wants");
        }
        Assert.Equal(
            ["192.0.2.2", "192.0.2.3", "192.0.2.5", "192.0.2.6", "192.0.2.4"],
            Lease(pool, "a", "b", "c", "d", "e")
        );
    }

    [Fact]
    public async Task Without_early_reuse_an_exhausted_pool_waits_for_the_cool_down()
    {
        using var pool = await OfAsync("lowest-free", "192.0.2.0/30");
        await pool.LeaseAsync("a");
        await pool.ReleaseAsync("192.0.2.2", "a");
        Assert.IsType<LeaseOutcome.Exhausted>(await pool.TryLeaseAsync("b"));
    }

    [Fact]
    public async Task With_early_reuse_an_exhausted_pool_gives_what_cooled_longest_and_says_so()
    {
        using var pool = await EarlyAsync("192.0.2.0/29");
        foreach (var owner in new[] { "a", "b", "c", "d", "e" })
            await pool.LeaseAsync(owner);
        await pool.ReleaseAsync("192.0.2.4", "c");
        pool.Clock.Advance(TimeSpan.FromSeconds(10));
        await pool.ReleaseAsync("192.0.2.3", "b");
        pool.Clock.Advance(TimeSpan.FromSeconds(7.5));
        Assert.Equal("192.0.2.4", await pool.LeaseAsync("f"));
        Assert.Equal("192.0.2.3", await pool.LeaseAsync("b"));
        Assert.IsType<LeaseOutcome.Exhausted>(await pool.TryLeaseAsync("c"));

        var told = await ToldAsync(pool, "lease.early-reuse");
        Assert.Equal("192.0.2.4", told.Subject);
        Assert.Equal(("f", "c", "12.5"), (told.Data!["owner"], told.Data["formerOwner"], told.Data["secondsEarly"]));
        Assert.Contains("12.5 s before its cool-down ended", told.Message);
        await pool.RestartAsync();
        Assert.IsType<LeaseOutcome.AlreadyHeld>(await pool.TryLeaseAsync("f"));
    }

    [Fact]
    public async Task An_early_reuse_that_the_store_refuses_leaves_the_address_to_its_former_owner()
    {
        using var pool = await EarlyAsync("192.0.2.0/30");
        await pool.LeaseAsync("a");
        await pool.ReleaseAsync("192.0.2.2", "a");
        pool.Store.Refuses = _ => true;
        await Assert.ThrowsAsync<StoreException>(() => pool.TryLeaseAsync("b"));
        pool.Store.Refuses = _ => false;
        Assert.Equal(1, pool.Counts.Cooling);
        Assert.Equal("192.0.2.2", await pool.LeaseAsync("a"));
    }

    [Fact]
    public async Task A_drained_address_is_not_reused_early()
    {
        using var pool = await EarlyAsync("192.0.2.0/29");
        foreach (var owner in new[] { "a", "b", "c", "d", "e" })
            await pool.LeaseAsync(owner);
        await pool.ReleaseAsync("192.0.2.2", "a");
        await pool.ReleaseAsync("192.0.2.3", "b");
        await pool.RedefineAsync(p => p with { Drains = [PoolFixture.Drain("192.0.2.0", "192.0.2.2")] });
        Assert.Equal("192.0.2.3", await pool.LeaseAsync("f"));
        Assert.IsType<LeaseOutcome.Exhausted>(await pool.TryLeaseAsync("g"));
    }

    [Fact]
    public async Task A_wanted_address_stays_its_owners_until_it_is_given_back_whatever_becomes_of_the_pool()
    {
        using var pool = await EarlyAsync("192.0.2.0/28");
        await pool.LeaseAsync("static", "192.0.2.9");
        await pool.RedefineAsync(p => p with { Drains = [PoolFixture.Drain("192.0.2.0", "192.0.2.15")] });
        await pool.RedefineAsync(p => p with { Ranges = [PoolFixture.Range("192.0.2.0/24", "192.0.2.8/29")] });
        await pool.RedefineAsync(p => p with { Drains = [] });
        pool.Clock.Advance(TimeSpan.FromDays(400));
        await pool.RestartAsync();
        for (var i = 0; i < 252; i++)
            await pool.TryLeaseAsync($"other-{i}");
        Assert.IsType<LeaseOutcome.Exhausted>(await pool.TryLeaseAsync("late"));
        Assert.Equal(
            "static",
            Assert.IsType<LeaseOutcome.AddressInUse>(await pool.TryLeaseAsync("late", "192.0.2.9")).Owner
        );
        var held = Assert.IsType<LeaseOutcome.AlreadyHeld>(await pool.TryLeaseAsync("static"));
        Assert.Equal("192.0.2.9", $"{held.Lease.Address}");
        Assert.IsType<ReleaseOutcome.Released>(await pool.ReleaseAsync("192.0.2.9", "static"));
    }

    private static Task<PoolFixture> EarlyAsync(string cidr) =>
        OfAsync(new PoolRequest(PoolFixture.Pool, [new RangeRequest(cidr)], AllowEarlyReuse: true));

    private static Task<PoolFixture> OfAsync(string strategy, params string[] cidrs) =>
        OfAsync(new PoolRequest(PoolFixture.Pool, [.. cidrs.Select(c => new RangeRequest(c))], Strategy: strategy));

    private static async Task<PoolFixture> OfAsync(PoolRequest request)
    {
        var pool = PoolFixture.Empty();
        await pool.CreateAsync(request);
        return pool;
    }

    private static AddressPool PoolOf(string strategy, int cooldownSeconds, Random random, params string[] cidrs)
    {
        RangeRequest[] ranges = [.. cidrs.Select(c => new RangeRequest(c))];
        var request = new PoolRequest("p", ranges, TimeSpan.FromSeconds(cooldownSeconds), strategy);
        return new AddressPool(Assert.IsType<PoolOutcome.Done>(PoolRules.Check(request, [])).Pool, random);
    }

    private static string[] Lease(AddressPool pool, params string[] owners) =>
        [
            .. owners.Select(owner =>
            {
                Assert.Null(pool.Lease(owner, null, _now, out var grant));
                return $"{grant.Address}";
            }),
        ];

    private static void Release(AddressPool pool, string address, string owner)
    {
        var released = Linux.Addresses.Ipv4Address.Parse(address);
        Assert.Null(pool.Release(released, owner, _now, out _));
        pool.Settle(released);
    }

    private static async Task TryOutAsync(PoolFixture pool)
    {
        var outcome = await pool.Directory.TryOutAsync(
            PoolFixture.Pool,
            new(0),
            new(uint.MaxValue),
            "operation-1",
            TestContext.Current.CancellationToken
        );
        Assert.IsType<LeaseOutcome.Granted>(outcome);
    }

    private static async Task<ControllerEvent> ToldAsync(PoolFixture pool, string type)
    {
        await foreach (var told in pool.Events.SubscribeAsync(afterId: 0, TestContext.Current.CancellationToken))
        {
            if (told.Type == type)
                return told;
        }
        throw new InvalidOperationException("events do not end");
    }

    /// <summary>Draws what it is told.</summary>
    private sealed class Starts(params long[] places) : Random
    {
        private int _next;

        public override long NextInt64(long maxValue) => places[_next++];
    }
}
