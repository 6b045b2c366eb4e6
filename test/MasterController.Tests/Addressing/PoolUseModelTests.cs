using CsCheck;
using MasterController.Core.Addressing;
using MasterController.Linux.Addresses;
using Xunit;

namespace MasterController.Tests.Addressing;

/// <summary>Random leases and releases: the counts of every level add up, and what is free is what can be leased.</summary>
public sealed class PoolUseModelTests
{
    private static readonly Gen<(int Kind, int Owner, int Address)[]> _steps = Gen.Select(
        Gen.Int[0, 5],
        Gen.Int[0, 40],
        Gen.Int[0, 1100]
    ).Array[1, 150];

    [Fact]
    public async Task Subnets_ranges_and_the_pool_add_up_whatever_is_leased_released_reserved_or_drained() =>
        await _steps.SampleAsync(
            async steps =>
            {
                using var pool = await PoolFixture.WithAsync(
                    new RangeRequest("10.0.0.0/23", First: "10.0.0.200", Reservations: ["10.0.1.0/28"]),
                    new RangeRequest("10.0.2.0/25"),
                    new RangeRequest("10.0.2.128/25", Last: "10.0.2.250")
                );
                foreach (var step in steps)
                    await StepAsync(pool, step);
                AssertAddsUp(pool);
                AssertFreeIsFree(pool);
                AssertMapAgrees(pool);
            },
            iter: 200
        );

    private static async Task StepAsync(PoolFixture pool, (int Kind, int Owner, int Address) step)
    {
        var address = new Ipv4Address(Ipv4Address.Parse("10.0.0.0").Value + (uint)step.Address);
        switch (step.Kind)
        {
            case <= 1:
                await pool.TryLeaseAsync($"o{step.Owner}");
                break;
            case 2:
                await pool.TryLeaseAsync($"o{step.Owner}", address.ToString());
                break;
            case 3:
                if (pool.Directory.Leases(PoolFixture.Pool) is { Count: > 0 } leases)
                {
                    var lease = leases[step.Address % leases.Count];
                    await pool.ReleaseAsync(lease.Address.ToString(), lease.Owner);
                }
                break;
            case 4:
                pool.Clock.Advance(TimeSpan.FromSeconds(step.Owner));
                break;
            default:
                var to = new Ipv4Address(address.Value + (uint)step.Owner);
                await pool.RedefineAsync(p => p with { Drains = [new Drain(address, to, "operation-1")] });
                break;
        }
    }

    private static void AssertAddsUp(PoolFixture pool)
    {
        var use = pool.Directory.Use(PoolFixture.Pool, top: 100)!;
        var listed = pool.Directory.Subnets(
            PoolFixture.Pool,
            new Ipv4Network(default, 0),
            default,
            limit: 100,
            untouched: true
        )!;
        Assert.Equal(pool.Counts, use.Counts);
        Assert.Equal(pool.Counts, Sum(use.Ranges.Select(r => r.Counts)));
        Assert.Equal(pool.Counts, Sum(listed.Items.Select(s => s.Counts)));
        Assert.Equal(listed.Items.Where(s => s.IsTouched).ToHashSet(), use.Top.Concat(use.Bottom).ToHashSet());
        Assert.All(
            listed.Items.Select(s => s.Counts).Concat(use.Ranges.Select(r => r.Counts)),
            c => Assert.Equal(c.Total, c.Used + c.Cooling + c.Reserved + c.Free)
        );
        Assert.All(
            listed.Items,
            s => Assert.True(s.Counts is { Used: >= 0, Cooling: >= 0, Reserved: >= 0, Free: >= 0 })
        );
        var byHand = pool.Directory.Leases(PoolFixture.Pool).CountBy(l => Ipv4Network.Of(l.Address, 24)).ToDictionary();
        Assert.All(listed.Items, s => Assert.Equal(byHand.GetValueOrDefault(s.Network), s.Counts.Used));
    }

    private static void AssertFreeIsFree(PoolFixture pool)
    {
        var free = pool.Directory.FreeSpace(PoolFixture.Pool, atMost: 5)!;
        var all = pool.Directory.FreeSpace(PoolFixture.Pool, atMost: 2000)!;
        Assert.Equal(0, all.More);
        Assert.Equal(all.Stretches.Count, free.Stretches.Count + free.More);
        Assert.Equal(pool.Counts.Free, all.Stretches.Sum(s => s.Count));
        Assert.Equal(all.Stretches.Count > 0 ? all.Stretches[0].First : null, free.Next);
        var leased = pool.Directory.Leases(PoolFixture.Pool).Select(l => l.Address).ToHashSet();
        Assert.DoesNotContain(all.Stretches, s => leased.Any(a => s.First <= a && a <= s.Last));
    }

    private static void AssertMapAgrees(PoolFixture pool)
    {
        var map = pool.Directory.Map(PoolFixture.Pool, network: null)!;
        Assert.Equal(("10.0.0.0/22", 32, 1024), (map.Network.ToString(), map.CellPrefix, map.Cells.Length));
        var counts = map.Cells.CountBy(c => (CellState)c).ToDictionary();
        Assert.Equal(pool.Counts.Used, counts.GetValueOrDefault(CellState.Leased));
        Assert.Equal(pool.Counts.Cooling, counts.GetValueOrDefault(CellState.Cooling));
        Assert.Equal(pool.Counts.Free, counts.GetValueOrDefault(CellState.Free));
        Assert.All(
            pool.Directory.Leases(PoolFixture.Pool),
            lease => Assert.Equal((byte)CellState.Leased, map.Cells[lease.Address.Value - map.Network.Address.Value])
        );
    }

    private static PoolCounts Sum(IEnumerable<PoolCounts> counts) =>
        counts.Aggregate(
            (a, b) =>
                new PoolCounts(
                    a.Total + b.Total,
                    a.Used + b.Used,
                    a.Cooling + b.Cooling,
                    a.Reserved + b.Reserved,
                    a.Free + b.Free
                )
        );
}
