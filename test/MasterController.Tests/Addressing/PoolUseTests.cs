using MasterController.Core.Addressing;
using MasterController.Linux.Addresses;
using Xunit;

namespace MasterController.Tests.Addressing;

public sealed class PoolUseTests
{
    [Fact]
    public async Task Ranges_and_subnets_are_counted_with_what_is_reserved_in_them()
    {
        using var pool = await PoolFixture.WithAsync(
            new RangeRequest("192.168.0.0/22", Reservations: ["192.168.1.0/30"]),
            new RangeRequest("10.0.0.0/30")
        );
        await pool.LeaseAsync("a", "192.168.0.2");
        await pool.LeaseAsync("b", "192.168.0.3");
        await pool.LeaseAsync("c", "192.168.2.255");
        await pool.LeaseAsync("d", "10.0.0.2");
        await pool.ReleaseAsync("192.168.0.3", "b");

        var use = pool.Directory.Use(PoolFixture.Pool, top: 10)!;

        Assert.True(use.IsOfOneInstant);
        Assert.Equal(pool.Counts, use.Counts);
        Assert.Equal(new PoolCounts(1022, 3, 1, 4, 1014), use.Counts);
        Assert.Equal((5, 2), (use.Subnets, use.Untouched));
        Assert.Equal(
            [("10.0.0.0/30", new PoolCounts(1, 1, 0, 0, 0), 1, 0), ("192.168.0.0/22", new(1021, 2, 1, 4, 1014), 4, 2)],
            use.Ranges.Select(r => (r.Range.Network.ToString(), r.Counts, r.Subnets, r.Untouched))
        );
        Assert.Equal(
            [
                ("10.0.0.0/24", new PoolCounts(1, 1, 0, 0, 0)),
                ("192.168.0.0/24", new(254, 1, 1, 0, 252)),
                ("192.168.2.0/24", new(256, 1, 0, 0, 255)),
            ],
            use.Top.Select(Text)
        );
        Assert.Empty(use.Bottom);
    }

    [Fact]
    public async Task The_bottom_is_the_emptiest_first_and_repeats_nothing_of_the_top()
    {
        using var pool = await PoolFixture.WithAsync("10.0.0.0/16");
        foreach (var (subnet, leases) in new[] { (1, 3), (2, 1), (3, 2), (4, 1) })
        {
            for (var i = 0; i < leases; i++)
                await pool.LeaseAsync($"{subnet}-{i}", $"10.0.{subnet}.{i}");
        }

        var two = pool.Directory.Use(PoolFixture.Pool, top: 2)!;
        var three = pool.Directory.Use(PoolFixture.Pool, top: 3)!;

        Assert.Equal(["10.0.1.0/24", "10.0.3.0/24"], two.Top.Select(s => s.Network.ToString()));
        Assert.Equal(["10.0.4.0/24", "10.0.2.0/24"], two.Bottom.Select(s => s.Network.ToString()));
        Assert.Equal(["10.0.4.0/24"], three.Bottom.Select(s => s.Network.ToString()));
        Assert.Equal((256, 252), (two.Subnets, two.Untouched));
        Assert.Empty(pool.Directory.Use(PoolFixture.Pool, top: 0)!.Top);
    }

    [Fact]
    public async Task Ranges_that_share_a_subnet_are_one_subnet_of_the_pool()
    {
        using var pool = await PoolFixture.WithAsync(new RangeRequest("10.0.0.0/26"), new RangeRequest("10.0.0.64/26"));
        await pool.LeaseAsync("a", "10.0.0.66");

        var use = pool.Directory.Use(PoolFixture.Pool, top: 1)!;

        Assert.Equal((1, 0), (use.Subnets, use.Untouched));
        Assert.Equal(("10.0.0.0/24", new PoolCounts(122, 1, 0, 0, 121)), Text(Assert.Single(use.Top)));
        Assert.Equal([(1, 1), (1, 0)], use.Ranges.Select(r => (r.Subnets, r.Untouched)));
    }

    [Fact]
    public async Task What_drains_or_was_leased_before_it_was_reserved_counts_once()
    {
        using var pool = await PoolFixture.WithAsync("10.0.0.0/24");
        await pool.LeaseAsync("a", "10.0.0.10");
        await pool.RedefineAsync(p =>
            p with
            {
                Drains = [PoolFixture.Drain("10.0.0.10", "10.0.0.19")],
                Ranges = [PoolFixture.Range("10.0.0.0/24", "10.0.0.16/28")],
            }
        );

        var use = pool.Directory.Use(PoolFixture.Pool, top: 1)!;

        Assert.Equal(pool.Counts, use.Counts);
        Assert.Equal(new PoolCounts(253, 1, 0, 21, 231), Assert.Single(use.Top).Counts);
    }

    [Fact]
    public async Task A_pool_that_is_larger_than_a_slash_16_is_counted_in_pieces_that_add_up()
    {
        using var pool = await PoolFixture.WithAsync("10.0.0.0/8");
        for (var i = 0; i < 600; i++)
            await pool.LeaseAsync($"o{i}", $"10.{i / 256}.{i % 256}.7");
        await pool.LeaseAsync("late", "10.255.255.254");

        var use = pool.Directory.Use(PoolFixture.Pool, top: 3)!;

        Assert.False(use.IsOfOneInstant);
        Assert.Equal(pool.Counts, use.Counts);
        Assert.Equal((65_536, 65_536 - 601), (use.Subnets, use.Untouched));
        Assert.Equal(["10.0.0.0/24", "10.255.255.0/24"], use.Top.Take(2).Select(s => s.Network.ToString()));
        var free = pool.Directory.FreeSpace(PoolFixture.Pool, atMost: 2)!;
        Assert.Equal(["10.0.0.2–10.0.0.6", "10.0.0.8–10.0.1.6"], free.Stretches.Select(Text));
        Assert.Equal(600 - 1, free.More);
    }

    [Fact]
    public async Task Subnets_come_in_pages_with_or_without_the_untouched()
    {
        using var pool = await PoolFixture.WithAsync("10.0.0.0/20");
        foreach (var subnet in new[] { 1, 2, 9 })
            await pool.LeaseAsync($"o{subnet}", $"10.0.{subnet}.5");

        var touched = Page("0.0.0.0/0", "0.0.0.0", 2, untouched: false);
        Assert.Equal(["10.0.1.0/24", "10.0.2.0/24"], touched.Items.Select(s => s.Network.ToString()));
        Assert.Equal((16, "10.0.9.0"), (touched.Subnets, touched.Next?.ToString()));
        var rest = Page("0.0.0.0/0", "10.0.9.0", 2, untouched: false);
        Assert.Equal("10.0.9.0/24", Assert.Single(rest.Items).Network.ToString());
        Assert.Null(rest.Next);

        var all = Page("10.0.8.0/22", "0.0.0.0", 3, untouched: true);
        Assert.Equal(
            [
                ("10.0.8.0/24", new PoolCounts(256, 0, 0, 0, 256)),
                ("10.0.9.0/24", new(256, 1, 0, 0, 255)),
                ("10.0.10.0/24", new(256, 0, 0, 0, 256)),
            ],
            all.Items.Select(Text)
        );
        Assert.Equal((4, "10.0.11.0"), (all.Subnets, all.Next?.ToString()));
        Assert.Null(Page("10.0.8.0/22", "10.0.11.0", 3, untouched: true).Next);

        var part = Page("10.0.9.0/29", "0.0.0.0", 3, untouched: false);
        Assert.Equal(("10.0.9.0/24", new PoolCounts(8, 1, 0, 0, 7)), Text(Assert.Single(part.Items)));
        Assert.Equal(0, Page("172.16.0.0/12", "0.0.0.0", 3, untouched: true).Subnets);

        SubnetPage Page(string within, string from, int limit, bool untouched) =>
            pool.Directory.Subnets(
                PoolFixture.Pool,
                Ipv4Network.Parse(within),
                Ipv4Address.Parse(from),
                limit,
                untouched
            )!;
    }

    [Fact]
    public async Task What_is_free_is_told_as_stretches_of_one_range_with_the_next_address()
    {
        using var pool = await PoolFixture.WithAsync(
            new RangeRequest("10.0.0.0/28", Reservations: ["10.0.0.8/31"]),
            new RangeRequest("10.0.0.16/29")
        );
        await pool.LeaseAsync("a", "10.0.0.2");
        await pool.LeaseAsync("b", "10.0.0.5");
        await pool.LeaseAsync("c", "10.0.0.12");
        await pool.ReleaseAsync("10.0.0.12", "c");

        var free = pool.Directory.FreeSpace(PoolFixture.Pool, atMost: 10)!;

        Assert.Equal(
            [
                "10.0.0.3–10.0.0.4",
                "10.0.0.6–10.0.0.7",
                "10.0.0.10–10.0.0.11",
                "10.0.0.13–10.0.0.14",
                "10.0.0.18–10.0.0.22",
            ],
            free.Stretches.Select(Text)
        );
        Assert.Equal(pool.Counts.Free, free.Stretches.Sum(s => s.Count));
        Assert.Equal((pool.Counts, "10.0.0.3", 0), (free.Counts, free.Next?.ToString(), free.More));
        Assert.Equal("10.0.0.3", await pool.LeaseAsync("new"));

        var one = pool.Directory.FreeSpace(PoolFixture.Pool, atMost: 1)!;
        Assert.Equal(("10.0.0.4–10.0.0.4", 4), (Text(Assert.Single(one.Stretches)), one.More));
    }

    [Fact]
    public async Task A_full_pool_has_no_next_address_and_neither_has_one_that_leaves_it_to_chance()
    {
        using var pool = await PoolFixture.WithAsync("10.0.0.0/30");
        await pool.CreateAsync(
            new PoolRequest("lots", [new RangeRequest("10.1.0.0/24")], Strategy: "random", Cooldown: TimeSpan.Zero)
        );
        await pool.LeaseAsync("a");

        var full = pool.Directory.FreeSpace(PoolFixture.Pool, atMost: 10)!;
        var random = pool.Directory.FreeSpace("lots", atMost: 10)!;

        Assert.Equal((null, 0, 0), (full.Next, full.Stretches.Count, full.More));
        Assert.Null(random.Next);
        Assert.Equal("10.1.0.2–10.1.0.254", Text(Assert.Single(random.Stretches)));
    }

    [Fact]
    public void Of_a_pool_that_is_not_there_nothing_is_told()
    {
        using var pool = PoolFixture.Empty();

        Assert.Null(pool.Directory.Use("gone", 1));
        Assert.Null(pool.Directory.FreeSpace("gone", 1));
        Assert.Null(pool.Directory.Subnets("gone", new Ipv4Network(default, 0), default, 1, untouched: false));
    }

    private static (string, PoolCounts) Text(SubnetUse use) => (use.Network.ToString(), use.Counts);

    private static string Text(AddressStretch stretch) => $"{stretch.First}–{stretch.Last}";
}
