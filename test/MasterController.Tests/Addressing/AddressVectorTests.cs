using MasterController.Core.Addressing;
using MasterController.Linux.Addresses;
using Xunit;

namespace MasterController.Tests.Addressing;

/// <summary>The known cases of address pools, by number; the refusals of number 4 are in PoolRulesTests.</summary>
public sealed class AddressVectorTests
{
    [Fact]
    public async Task Vector_1_a_slash_24_gives_253_addresses_and_refuses_the_254th()
    {
        using var pool = await PoolFixture.WithAsync("192.168.100.0/24");
        for (var n = 1; n <= 253; n++)
            Assert.Equal($"192.168.100.{n + 1}", await pool.LeaseAsync($"vm-{n}"));
        var refusal = Assert.IsType<LeaseOutcome.Exhausted>(await pool.TryLeaseAsync("vm-254"));
        Assert.Equal(new PoolCounts(Total: 253, Used: 253, Cooling: 0, Reserved: 0, Free: 0), refusal.Counts);
    }

    [Fact]
    public void Vector_1_a_slash_16_gives_65533_addresses_octet_after_octet()
    {
        var pool = PoolOf("192.168.0.0/16");
        for (var n = 1; n <= 65_533; n++)
        {
            Assert.Null(pool.Lease($"vm-{n}", null, DateTimeOffset.UnixEpoch, out var grant));
            Assert.Equal(0xC0A8_0002u + (uint)(n - 1), grant.Address.Value);
            var expected = n switch
            {
                253 => "192.168.0.254",
                254 => "192.168.0.255",
                255 => "192.168.1.0",
                65_533 => "192.168.255.254",
                _ => null,
            };
            if (expected is not null)
                Assert.Equal(expected, grant.Address.ToString());
        }
        Assert.IsType<LeaseOutcome.Exhausted>(pool.Lease("late", null, DateTimeOffset.UnixEpoch, out _));
    }

    [Fact]
    public void Vector_1_a_slash_8_has_16777213_addresses() =>
        Assert.Equal(16_777_213, PoolOf("10.0.0.0/8").Counts(DateTimeOffset.UnixEpoch).Free);

    [Fact]
    public async Task Vector_3_a_slash_29_gives_five()
    {
        using var pool = await PoolFixture.WithAsync("192.0.2.0/29");
        Assert.Equal(["192.0.2.2", "192.0.2.3", "192.0.2.4", "192.0.2.5", "192.0.2.6"], await DrainAsync(pool));
        Assert.Equal("192.0.2.1", pool.Directory.Pools[0].Ranges[0].Gateway.ToString());
    }

    [Theory]
    [InlineData("192.0.2.8/31", "192.0.2.8", "192.0.2.9")]
    [InlineData("192.0.2.7/32", "192.0.2.7")]
    public async Task Vector_3_point_to_point_ranges_give_all_and_have_no_gateway(string cidr, params string[] expected)
    {
        using var pool = await PoolFixture.WithAsync(cidr);
        Assert.Equal(expected, await DrainAsync(pool));
        Assert.Null(pool.Directory.Pools[0].Ranges[0].Gateway);
    }

    [Fact]
    public async Task Vector_5_first_and_last_are_inclusive()
    {
        using var pool = await PoolFixture.WithAsync(
            new RangeRequest("192.0.2.0/24", First: "192.0.2.50", Last: "192.0.2.60")
        );
        Assert.IsType<LeaseOutcome.OutsidePool>(await pool.TryLeaseAsync("a", "192.0.2.49"));
        Assert.IsType<LeaseOutcome.OutsidePool>(await pool.TryLeaseAsync("a", "192.0.2.61"));
        var addresses = await DrainAsync(pool);
        Assert.Equal("192.0.2.50", addresses[0]);
        Assert.Equal("192.0.2.60", addresses[^1]);
        Assert.Equal(11, addresses.Count);
    }

    [Fact]
    public async Task Vector_6_a_reserved_slash_30_makes_the_fourth_the_first()
    {
        using var pool = await PoolFixture.WithAsync(new RangeRequest("192.0.2.0/29", Reservations: ["192.0.2.0/30"]));
        Assert.Equal(["192.0.2.4", "192.0.2.5", "192.0.2.6"], await DrainAsync(pool));
    }

    [Fact]
    public async Task Vector_6_with_the_gateway_elsewhere_and_dot_1_reserved_the_first_is_dot_2()
    {
        using var pool = await PoolFixture.WithAsync(
            new RangeRequest("192.0.2.0/29", Gateway: "192.0.2.6", Reservations: ["192.0.2.1"])
        );
        Assert.Equal(["192.0.2.2", "192.0.2.3", "192.0.2.4", "192.0.2.5"], await DrainAsync(pool));
    }

    [Theory]
    [InlineData("192.0.2.4/30", 2)]
    [InlineData("192.0.2.0/24", 0)]
    [InlineData("198.51.100.0/24", 5)]
    public async Task Vector_6_a_reservation_past_the_last_address_ends_there(string reservation, int left)
    {
        using var pool = await PoolFixture.WithAsync(new RangeRequest("192.0.2.0/29", Reservations: [reservation]));
        Assert.Equal(left, pool.Counts.Free);
        Assert.Equal(left, (await DrainAsync(pool)).Count);
    }

    [Fact]
    public async Task Vector_7_an_address_that_no_range_holds_is_answered_with_the_ranges()
    {
        using var pool = await PoolFixture.WithAsync(
            new RangeRequest("192.168.100.0/24"),
            new RangeRequest("10.0.0.0/8")
        );
        var refusal = Assert.IsType<LeaseOutcome.OutsidePool>(await pool.TryLeaseAsync("a", "172.16.0.2"));
        Assert.Equal(["10.0.0.0/8", "192.168.100.0/24"], refusal.Ranges.Select(r => r.Network.ToString()));
    }

    [Fact]
    public async Task Vector_7_an_address_that_is_leased_is_answered_with_its_owner()
    {
        using var pool = await PoolFixture.WithAsync("192.168.100.0/24");
        await pool.LeaseAsync("holder", "192.168.100.9");
        var refusal = Assert.IsType<LeaseOutcome.AddressInUse>(await pool.TryLeaseAsync("other", "192.168.100.9"));
        Assert.Equal("holder", refusal.Owner);
    }

    [Fact]
    public async Task Vector_8_the_lowest_free_address_comes_first()
    {
        using var pool = await PoolFixture.WithAsync(
            new RangeRequest("192.0.2.0/29", Gateway: "192.0.2.6", First: "192.0.2.1")
        );
        foreach (var taken in new[] { "192.0.2.1", "192.0.2.2", "192.0.2.5" })
            await pool.LeaseAsync($"vm-{taken}", taken);
        Assert.Equal("192.0.2.3", await pool.LeaseAsync("next"));
    }

    [Fact]
    public async Task Vector_8_released_addresses_come_back_in_address_order_after_the_cool_down()
    {
        using var pool = await PoolFixture.WithAsync("192.0.2.0/29");
        await DrainAsync(pool);
        foreach (var (address, owner) in new[] { ("192.0.2.5", "vm-4"), ("192.0.2.3", "vm-2"), ("192.0.2.4", "vm-3") })
            Assert.IsType<ReleaseOutcome.Released>(await pool.ReleaseAsync(address, owner));
        Assert.IsType<LeaseOutcome.Exhausted>(await pool.TryLeaseAsync("new-1"));
        pool.Clock.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal("192.0.2.3", await pool.LeaseAsync("new-1"));
        Assert.Equal("192.0.2.4", await pool.LeaseAsync("new-2"));
        Assert.Equal("192.0.2.5", await pool.LeaseAsync("new-3"));
    }

    [Fact]
    public async Task Vector_8_during_the_cool_down_the_same_owner_gets_its_old_address_back()
    {
        using var pool = await PoolFixture.WithAsync("192.0.2.0/24");
        await pool.LeaseAsync("low");
        await pool.LeaseAsync("returning");
        await pool.ReleaseAsync("192.0.2.2", "low");
        await pool.ReleaseAsync("192.0.2.3", "returning");
        Assert.Equal("192.0.2.4", await pool.LeaseAsync("another"));
        pool.Clock.Advance(TimeSpan.FromSeconds(29));
        Assert.Equal("192.0.2.3", await pool.LeaseAsync("returning"));
    }

    [Fact]
    public async Task Vector_10_ten_callers_with_one_key_get_one_lease()
    {
        using var pool = await PoolFixture.WithAsync("192.0.2.0/24");
        var outcomes = await Task.WhenAll(
            Enumerable.Range(0, 10).Select(_ => Task.Run(() => pool.TryLeaseAsync("key")))
        );
        var granted = Assert.Single(outcomes.OfType<LeaseOutcome.Granted>());
        Assert.Equal(9, outcomes.OfType<LeaseOutcome.AlreadyHeld>().Count(o => o.Lease == granted.Lease));
        Assert.Equal(1, pool.Counts.Used);
    }

    [Fact]
    public async Task Vector_10_fifty_keys_at_once_get_fifty_addresses()
    {
        using var pool = await PoolFixture.WithAsync("192.0.2.0/24");
        var addresses = await Task.WhenAll(
            Enumerable.Range(0, 50).Select(i => Task.Run(() => pool.LeaseAsync($"key-{i}")))
        );
        Assert.Equal(50, addresses.Distinct().Count());
    }

    [Fact]
    public async Task Vector_12_what_is_reserved_twice_counts_once()
    {
        using var pool = await PoolFixture.WithAsync(
            new RangeRequest(
                "192.0.2.0/24",
                Reservations: ["192.0.2.64/26", "192.0.2.96/27", "192.0.2.100", "192.0.2.0/30"]
            ),
            new RangeRequest("198.51.100.0/24", Gateway: "198.51.100.9")
        );
        await pool.LeaseAsync("a");
        await pool.LeaseAsync("b");
        await pool.ReleaseAsync("192.0.2.4", "a");
        // 64 of the /26, .2 and .3 of the /30 that reaches below the first, and the gateway inside the second range.
        Assert.Equal(new PoolCounts(Total: 506, Used: 1, Cooling: 1, Reserved: 67, Free: 437), pool.Counts);
    }

    private static AddressPool PoolOf(string cidr) =>
        new(Assert.IsType<PoolOutcome.Done>(PoolRules.Check(new PoolRequest("p", [new RangeRequest(cidr)]), [])).Pool);

    /// <summary>Leases to vm-1, vm-2, … until the pool is full.</summary>
    private static async Task<List<string>> DrainAsync(PoolFixture pool)
    {
        List<string> addresses = [];
        while (
            await pool.TryLeaseAsync($"vm-{addresses.Count + 1}") is LeaseOutcome.Granted { Lease.Address: var address }
        )
            addresses.Add(address.ToString());
        return addresses;
    }
}
