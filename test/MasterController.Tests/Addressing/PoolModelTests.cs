using CsCheck;
using MasterController.Core.Addressing;
using MasterController.Core.Store;
using MasterController.Linux.Addresses;
using Xunit;

namespace MasterController.Tests.Addressing;

/// <summary>Random sequences against <see cref="PoolModel"/>.</summary>
public sealed class PoolModelTests
{
    /// <summary>Inside and outside of every range that there is at some time.</summary>
    private static readonly Ipv4Address[] _addresses =
    [
        .. Enumerable.Range(0, 32).Select(i => new Ipv4Address(0xC000_0200 + (uint)i)),
        .. Enumerable.Range(0, 8).Select(i => new Ipv4Address(0xC633_6400 + (uint)i)),
    ];

    private static readonly Gen<(int Kind, int Owner, int Address)[]> _steps = Gen.Select(
        Gen.Int[0, 15],
        Gen.Int[0, 15],
        Gen.Int[0, 39]
    ).Array[1, 120];

    [Theory]
    [InlineData("lowest-free")]
    [InlineData("next")]
    [InlineData("random")]
    [InlineData("least-recently-used")]
    public async Task Any_sequence_of_leases_redefinitions_clock_steps_refusals_and_crashes_does_as_the_model_says(
        string strategy
    ) =>
        await Gen.Select(Gen.Bool, _steps)
            .SampleAsync(
                async (early, steps) =>
                {
                    using var pool = PoolFixture.Empty();
                    var request = new PoolRequest(
                        PoolFixture.Pool,
                        [new RangeRequest("192.0.2.0/28"), new RangeRequest("198.51.100.0/29")],
                        Strategy: strategy,
                        AllowEarlyReuse: early
                    );
                    var model = new PoolModel(await pool.CreateAsync(request));
                    foreach (var step in steps)
                    {
                        pool.Clock.Advance(TimeSpan.FromTicks(1));
                        await StepAsync(pool, model, step);
                        AssertSame(pool, model);
                    }
                },
                iter: 250
            );

    private static async Task StepAsync(PoolFixture pool, PoolModel model, (int Kind, int Owner, int Address) step)
    {
        var owner = $"vm-{step.Owner}";
        var address = _addresses[step.Address];
        var now = pool.Clock.GetUtcNow();
        switch (step.Kind)
        {
            case <= 4:
                AssertLeases(pool, model, owner, null, await pool.TryLeaseAsync(owner));
                break;
            case 5:
                AssertLeases(pool, model, owner, address, await pool.TryLeaseAsync(owner, $"{address}"));
                break;
            case <= 8:
                // Somebody who holds one, mostly.
                var held = model.Held.OrderBy(h => h.Key).ElementAtOrDefault(step.Address);
                (address, owner) = held.Value is null ? (address, owner) : (held.Key, held.Value);
                Assert.Equal(
                    model.Releases(address, owner, now),
                    await pool.ReleaseAsync($"{address}", owner) is ReleaseOutcome.Released
                );
                break;
            case 9:
                pool.Clock.Advance(TimeSpan.FromSeconds(step.Address * 2));
                break;
            case 10:
                pool.Clock.AdjustTime(now - TimeSpan.FromSeconds(step.Address));
                break;
            case <= 12:
                var next = pool.Next(p => Changed(p, step.Owner));
                var outcome = await pool.TryRedefineAsync(next);
                Assert.True(model.Redefines(next, outcome), $"{outcome}");
                await AssertSameEverywhereAsync(pool, model);
                break;
            case 13:
                await TryCrashAsync(pool, step, owner, address);
                await pool.RestartAsync();
                break;
            case 14:
                var stored = await pool.Store.LoadAsync(TestContext.Current.CancellationToken);
                await pool.RestartAsync();
                model.Restart(stored, now);
                await AssertSameEverywhereAsync(pool, model);
                break;
            default:
                await TryRefusedAsync(pool, step, owner, address);
                break;
        }
        if (step.Kind == 13)
        {
            model.Restart(await pool.Store.LoadAsync(TestContext.Current.CancellationToken), pool.Clock.GetUtcNow());
            await AssertSameEverywhereAsync(pool, model);
        }
    }

    private static PoolDefinition Changed(PoolDefinition pool, int which)
    {
        var first = pool.Ranges[0];
        var others = pool.Ranges.Skip(1);
        string[] reservations = [.. first.Reservations.Select(r => $"{r}")];
        return which switch
        {
            <= 2 => pool with { Ranges = [PoolFixture.Range("192.0.2.0/27", reservations), .. others] },
            <= 5 => pool with { Ranges = [PoolFixture.Range("192.0.2.0/28", reservations), .. others] },
            6 => pool with { Ranges = [first] },
            7 => pool with { Ranges = [first, PoolFixture.Range("198.51.100.0/29")] },
            8 => pool with { Ranges = [Reserving("192.0.2.4/31", "192.0.2.5/32"), .. others] },
            9 => pool with { Ranges = [Reserving("192.0.2.0/30"), .. others] },
            10 => pool with { Ranges = [Reserving(), .. others] },
            11 => pool with { Drains = [PoolFixture.Drain("192.0.2.5", "192.0.2.20")] },
            12 => pool with { Drains = [PoolFixture.Drain("192.0.2.9", "198.51.100.3")] },
            13 => pool with { Drains = [] },
            14 => pool with { KeptGateways = [PoolFixture.Kept("192.0.2.7", "192.0.2.0/28")] },
            _ => pool with { KeptGateways = [] },
        };

        AddressRange Reserving(params string[] reservations) => PoolFixture.Range($"{first.Network}", reservations);
    }

    /// <summary>Something that the store hears of no more, or no word of which comes back.</summary>
    private static async Task TryCrashAsync(
        PoolFixture pool,
        (int Kind, int Owner, int Address) step,
        string owner,
        Ipv4Address address
    )
    {
        pool.Store.CrashAfter(commits: 0);
        // Whoever is not refused waits for ever.
        Task asked = (step.Owner % 3) switch
        {
            0 => pool.TryLeaseAsync(owner),
            1 => pool.ReleaseAsync($"{address}", owner),
            _ => pool.TryRedefineAsync(pool.Next(p => Changed(p, step.Address % 16))),
        };
        if (asked.IsCompleted)
            await asked;
    }

    private static async Task TryRefusedAsync(
        PoolFixture pool,
        (int Kind, int Owner, int Address) step,
        string owner,
        Ipv4Address address
    )
    {
        pool.Store.Refuses = _ => true;
        try
        {
            await (
                (step.Owner % 4) switch
                {
                    0 => pool.TryLeaseAsync(owner),
                    1 => pool.TryLeaseAsync(owner, $"{address}"),
                    2 => pool.ReleaseAsync($"{address}", owner),
                    _ => (Task)pool.TryRedefineAsync(pool.Next(p => Changed(p, step.Address % 16))),
                }
            );
        }
        catch (StoreException)
        {
            // As planned; the model knows nothing of it.
        }
        pool.Store.Refuses = _ => false;
    }

    private static void AssertLeases(
        PoolFixture pool,
        PoolModel model,
        string owner,
        Ipv4Address? wanted,
        LeaseOutcome outcome
    ) => Assert.True(model.Leases(owner, wanted, pool.Clock.GetUtcNow(), outcome), $"{owner}, {wanted}: {outcome}");

    private static void AssertSame(PoolFixture pool, PoolModel model)
    {
        model.Expire(pool.Clock.GetUtcNow());
        Assert.Equal(
            model.Held.OrderBy(h => h.Key).Select(h => (h.Key, h.Value)),
            pool.Directory.Leases(PoolFixture.Pool).Select(l => (l.Address, l.Owner))
        );
        Assert.Equal(model.Counts, pool.Counts);
    }

    /// <summary>Address by address; what is free is what is left by the counts.</summary>
    private static async Task AssertSameEverywhereAsync(PoolFixture pool, PoolModel model)
    {
        model.Expire(pool.Clock.GetUtcNow());
        var all = PoolModel.AllOf(model.Definition).ToArray();
        foreach (var address in all.Where(a => model.Held.ContainsKey(a)))
            Assert.Equal(model.Held[address], (await AskAsync<LeaseOutcome.AddressInUse>(address)).Owner);
        foreach (var address in model.Reserved.Where(a => !model.Held.ContainsKey(a)))
            await AskAsync<LeaseOutcome.Reserved>(address);
        foreach (var address in model.Cooling.Except(model.Reserved))
            await AskAsync<LeaseOutcome.Cooling>(address);
        foreach (var address in _addresses.Except(all).Where(a => model.Definition.Ranges.All(r => r.Gateway != a)))
            Assert.IsNotType<LeaseOutcome.Granted>(await pool.TryLeaseAsync("who asks", $"{address}"));

        async Task<T> AskAsync<T>(Ipv4Address address) =>
            Assert.IsType<T>(await pool.TryLeaseAsync("who asks", $"{address}"));
    }
}
