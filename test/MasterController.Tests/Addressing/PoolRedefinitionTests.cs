using MasterController.Core.Addressing;
using MasterController.Core.Events;
using MasterController.Core.Store;
using MasterController.Linux.Addresses;
using Xunit;

namespace MasterController.Tests.Addressing;

public sealed class PoolRedefinitionTests
{
    private static readonly Func<PoolDefinition, PoolDefinition> _growTo16 = p =>
        p with
        {
            Ranges = [PoolFixture.Range("192.168.0.0/16")],
            KeptGateways = [PoolFixture.Kept("192.168.100.1", "192.168.100.0/24")],
        };

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Vector_2_after_growth_the_next_vm_gets_the_new_ranges_lowest_and_the_old_gateway_stays_reserved()
    {
        using var pool = await OfTenAsync();
        var before = pool.Directory.Leases(PoolFixture.Pool);
        await pool.RedefineAsync(_growTo16);

        Assert.Equal(before, pool.Directory.Leases(PoolFixture.Pool));
        Assert.Equal(new PoolCounts(Total: 65_533, Used: 9, Cooling: 0, Reserved: 1, Free: 65_523), pool.Counts);
        Assert.Equal("192.168.0.2", await pool.LeaseAsync("new"));
        var refusal = Assert.IsType<LeaseOutcome.Reserved>(await pool.TryLeaseAsync("other", "192.168.100.1"));
        Assert.Equal("it was the gateway of 192.168.100.0/24 and guests still use it", refusal.Reason);
        Assert.Equal("192.168.0.0/16", $"{pool.Directory.RangeOf(PoolFixture.Pool, before[0].Address)!.Network}");

        await pool.RedefineAsync(p => p with { KeptGateways = [] });
        Assert.Equal("192.168.100.1", await pool.LeaseAsync("other", "192.168.100.1"));
        await pool.RestartAsync();
        Assert.Equal(new PoolCounts(Total: 65_533, Used: 11, Cooling: 0, Reserved: 0, Free: 65_522), pool.Counts);
    }

    [Fact]
    public async Task Vector_11_shrinking_back_is_refused_with_every_lease_outside_and_changes_nothing()
    {
        using var pool = await OfTenAsync();
        var original = pool.Directory.Find(PoolFixture.Pool)!;
        await pool.RedefineAsync(_growTo16);
        for (var i = 0; i < 1_500; i++)
            await pool.LeaseAsync($"new-{i}");
        var counts = pool.Counts;
        var refusal = Assert.IsType<PoolOutcome.LeasesOutside>(
            await pool.TryRedefineAsync(original with { Version = 3 })
        );
        Assert.Equal(1_500, refusal.Leases.Count);
        Assert.Equal("192.168.0.2", refusal.Leases[0].Address.ToString());
        Assert.Equal(refusal.Leases, refusal.Leases.OrderBy(l => l.Address));
        Assert.Equal(counts, pool.Counts);
        Assert.Equal(2, pool.Directory.Find(PoolFixture.Pool)!.Version);
    }

    [Fact]
    public async Task Vector_11_a_drained_stretch_leases_nothing_new_and_the_shrink_goes_through_when_it_is_empty()
    {
        using var pool = await OfTenAsync();
        var original = pool.Directory.Find(PoolFixture.Pool)!;
        await pool.RedefineAsync(_growTo16);
        await pool.LeaseAsync("outside");
        await pool.RedefineAsync(p =>
            p with
            {
                Drains =
                [
                    PoolFixture.Drain("192.168.0.0", "192.168.100.1"),
                    PoolFixture.Drain("192.168.101.0", "192.168.255.255"),
                ],
            }
        );
        Assert.Equal("192.168.100.11", await pool.LeaseAsync("inside"));
        var refusal = Assert.IsType<LeaseOutcome.Reserved>(await pool.TryLeaseAsync("other", "192.168.7.7"));
        Assert.Equal("it is being drained", refusal.Reason);
        Assert.IsType<LeaseOutcome.AlreadyHeld>(await pool.TryLeaseAsync("outside"));

        var unused = pool.Directory.WaitUntilUnusedAsync(
            PoolFixture.Pool,
            Ipv4Address.Parse("192.168.0.0"),
            Ipv4Address.Parse("192.168.99.255"),
            Cancelled
        );
        Assert.False(unused.IsCompleted);
        await pool.ReleaseAsync("192.168.0.2", "outside");
        await unused;
        Assert.Equal("192.168.100.12", await pool.LeaseAsync("outside"));
        Assert.IsType<PoolOutcome.Done>(await pool.TryRedefineAsync(original with { Version = 4 }));
        Assert.Equal(new PoolCounts(Total: 253, Used: 11, Cooling: 0, Reserved: 0, Free: 242), pool.Counts);
    }

    [Fact]
    public async Task Vector_11_undrain_takes_it_back()
    {
        using var pool = await OfTenAsync();
        await pool.RedefineAsync(p => p with { Drains = [PoolFixture.Drain("192.168.100.0", "192.168.100.255")] });
        Assert.Equal(new PoolCounts(Total: 253, Used: 9, Cooling: 0, Reserved: 244, Free: 0), pool.Counts);
        Assert.IsType<LeaseOutcome.Exhausted>(await pool.TryLeaseAsync("new"));
        await pool.RedefineAsync(p => p with { Drains = [] });
        Assert.Equal(new PoolCounts(Total: 253, Used: 9, Cooling: 0, Reserved: 0, Free: 244), pool.Counts);
        Assert.Equal("192.168.100.11", await pool.LeaseAsync("new"));
    }

    [Fact]
    public async Task A_cooling_address_in_a_drain_does_not_come_back_to_its_owner()
    {
        using var pool = await OfTenAsync();
        await pool.ReleaseAsync("192.168.100.4", "vm-4");
        await pool.RedefineAsync(p => p with { Drains = [PoolFixture.Drain("192.168.100.0", "192.168.100.10")] });
        Assert.Equal(new PoolCounts(Total: 253, Used: 8, Cooling: 1, Reserved: 0, Free: 244), pool.Counts);
        Assert.IsType<LeaseOutcome.Reserved>(await pool.TryLeaseAsync("vm-4", "192.168.100.4"));
        Assert.Equal("192.168.100.11", await pool.LeaseAsync("vm-4"));
        pool.Clock.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal(new PoolCounts(Total: 253, Used: 9, Cooling: 0, Reserved: 1, Free: 243), pool.Counts);
    }

    [Fact]
    public async Task Cooling_addresses_that_leave_the_pool_are_forgotten_in_the_same_commit()
    {
        using var pool = await OfTenAsync();
        var original = pool.Directory.Find(PoolFixture.Pool)!;
        await pool.RedefineAsync(_growTo16);
        await pool.LeaseAsync("outside");
        await pool.ReleaseAsync("192.168.0.2", "outside");
        Assert.IsType<PoolOutcome.Done>(await pool.TryRedefineAsync(original with { Version = 3 }));
        Assert.Contains(
            pool.Store.Commits[^1],
            c => c is StoreChange.LeasesForgotten { Addresses: [{ Value: 0xC0A8_0002 }] }
        );
        Assert.Empty((await pool.Store.LoadAsync(Cancelled)).Released);
        Assert.Equal(new PoolCounts(Total: 253, Used: 9, Cooling: 0, Reserved: 0, Free: 244), pool.Counts);
        Assert.Equal("192.168.100.11", await pool.LeaseAsync("outside"));

        pool.Clock.Advance(TimeSpan.FromMinutes(1));
        await pool.RedefineAsync(_growTo16);
        Assert.Equal("192.168.0.2", await pool.LeaseAsync("new"));
    }

    [Fact]
    public async Task A_reservation_counts_once_whether_its_addresses_are_leased_or_cooling_or_free()
    {
        using var pool = await OfTenAsync();
        await pool.ReleaseAsync("192.168.100.9", "vm-9");
        await pool.RedefineAsync(p =>
            p with
            {
                Ranges = [PoolFixture.Range("192.168.100.0/24", "192.168.100.8/29", "192.168.100.8/30")],
            }
        );
        Assert.Equal(new PoolCounts(Total: 253, Used: 8, Cooling: 1, Reserved: 5, Free: 239), pool.Counts);
        await pool.ReleaseAsync("192.168.100.8", "vm-8");
        pool.Clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(new PoolCounts(Total: 253, Used: 7, Cooling: 0, Reserved: 7, Free: 239), pool.Counts);
        Assert.Equal("192.168.100.16", await pool.LeaseAsync("new"));

        await pool.RedefineAsync(p => p with { Ranges = [PoolFixture.Range("192.168.100.0/24", "192.168.100.10")] });
        Assert.Equal(new PoolCounts(Total: 253, Used: 8, Cooling: 0, Reserved: 0, Free: 245), pool.Counts);
        Assert.Equal("192.168.100.8", await pool.LeaseAsync("newer"));
    }

    [Fact]
    public async Task The_commit_holds_definition_version_and_what_goes_alongside()
    {
        using var pool = await OfTenAsync();
        var next = pool.Next(_growTo16);
        await pool.TryRedefineAsync(next, new StoreChange.SettingSaved("alongside", "yes"));
        var commit = pool.Store.Commits[^1];
        Assert.Contains(
            commit,
            c => c is StoreChange.PoolSaved { Pool: { Version: 2, Ranges: [{ Network.PrefixLength: 16 }] } }
        );
        Assert.Contains(new StoreChange.SettingSaved("alongside", "yes"), commit);
        var versions = await pool.Store.ReadPoolVersionsAsync(PoolFixture.Pool, Cancelled);
        Assert.Equal(
            ["create 1 ", "test 2 operation-1"],
            versions.Select(v => $"{v.Action} {v.Definition.Version} {v.OperationId}")
        );
    }

    [Fact]
    public async Task Whoever_asks_while_the_commit_is_under_way_waits_and_is_answered_from_what_came_of_it()
    {
        using var pool = await OfTenAsync();
        var gate = pool.Store.HoldBack();
        var inFlight = pool.TryLeaseAsync("in flight");
        var redefinition = pool.TryRedefineAsync(pool.Next(_growTo16));
        var lease = pool.TryLeaseAsync("new");
        var release = pool.ReleaseAsync("192.168.100.2", "vm-2");
        Assert.False(redefinition.IsCompleted || lease.IsCompleted || release.IsCompleted);
        Assert.Equal(1, pool.Directory.Find(PoolFixture.Pool)!.Version);

        gate.SetResult();
        Assert.Equal("192.168.100.11", AddressOf(await inFlight));
        Assert.IsType<PoolOutcome.Done>(await redefinition);
        Assert.Equal("192.168.0.2", AddressOf(await lease));
        Assert.IsType<ReleaseOutcome.Released>(await release);
    }

    [Fact]
    public async Task A_store_that_refuses_leaves_the_pool_as_it_was()
    {
        using var pool = await OfTenAsync();
        await pool.ReleaseAsync("192.168.100.10", "vm-10");
        var before = pool.Counts;
        pool.Store.Refuses = changes => changes.Any(c => c is StoreChange.PoolSaved);
        var next = pool.Next(p => p with { Ranges = [PoolFixture.Range("192.168.100.0/28", "192.168.100.12/30")] });
        await Assert.ThrowsAsync<StoreException>(() => pool.TryRedefineAsync(next));
        Assert.Equal(before, pool.Counts);
        Assert.Equal(1, pool.Directory.Find(PoolFixture.Pool)!.Version);
        Assert.Equal("192.168.100.11", await pool.LeaseAsync("new"));
        pool.Store.Refuses = _ => false;
        Assert.IsType<PoolOutcome.Done>(await pool.TryRedefineAsync(next));
    }

    [Fact]
    public async Task A_definition_worked_out_against_another_version_is_stale()
    {
        using var pool = await OfTenAsync();
        var late = pool.Next(_growTo16);
        await pool.RedefineAsync(p => p with { AllowVmToVm = true });
        Assert.Equal(new PoolOutcome.Stale(PoolFixture.Pool, 1, 2), await pool.TryRedefineAsync(late));
        Assert.True(pool.Directory.Find(PoolFixture.Pool)!.AllowVmToVm);
        Assert.IsType<PoolOutcome.NoSuchPool>(await pool.TryRedefineAsync(late with { Name = "nowhere" }));
    }

    [Fact]
    public async Task A_range_of_another_pool_and_a_pool_without_ranges_are_refused()
    {
        using var pool = await OfTenAsync();
        await pool.CreateAsync(new PoolRequest("other", [new RangeRequest("192.168.7.0/24")]));
        var overlap = Assert.IsType<PoolOutcome.Overlap>(await pool.TryRedefineAsync(pool.Next(_growTo16)));
        Assert.Equal(("ranges[0].cidr", "other"), (overlap.Field, overlap.OtherPool));
        var none = await pool.TryRedefineAsync(pool.Next(p => p with { Ranges = [] }));
        Assert.Contains("at least one range", Assert.IsType<PoolOutcome.Invalid>(none).Errors["ranges"][0]);
    }

    [Fact]
    public async Task A_gateway_that_is_leased_is_refused_with_its_holder()
    {
        using var pool = await OfTenAsync();
        await pool.RedefineAsync(_growTo16);
        await pool.RedefineAsync(p => p with { KeptGateways = [] });
        await pool.LeaseAsync("holder", "192.168.100.1");
        var kept = await pool.TryRedefineAsync(
            pool.Next(p => p with { KeptGateways = [PoolFixture.Kept("192.168.100.1", "192.168.100.0/24")] })
        );
        Assert.Equal(
            "192.168.100.1 is leased to holder",
            Assert.IsType<PoolOutcome.Invalid>(kept).Errors["keptGateways[0]"][0]
        );
        var gateway = Ipv4Address.Parse("192.168.100.2");
        var own = await pool.TryRedefineAsync(
            pool.Next(p => p with { Ranges = [p.Ranges[0] with { Gateway = gateway }] })
        );
        Assert.Equal(
            "192.168.100.2 is leased to vm-2",
            Assert.IsType<PoolOutcome.Invalid>(own).Errors["ranges[0].gateway"][0]
        );
    }

    [Fact]
    public async Task The_event_says_what_changed()
    {
        using var pool = await OfTenAsync();
        await pool.RedefineAsync(_growTo16);
        ControllerEvent? told = null;
        await foreach (var happened in pool.Events.SubscribeAsync(afterId: 0, Cancelled))
        {
            told = happened;
            if (told.Type == "pool.redefined")
                break;
        }
        Assert.Equal(
            "192.168.100.0/24 became 192.168.0.0/16; 192.168.100.1, the gateway of 192.168.100.0/24, is kept",
            told!.Message
        );
        Assert.Equal("2", told.Data!["version"]);
    }

    [Theory]
    [InlineData("192.168.0.0/16")]
    [InlineData("10.0.0.0/8")]
    public void A_large_network_takes_no_more_to_add_than_a_small_one(string cidr)
    {
        var small = PoolFixture.Range("192.168.100.0/24");
        var definition = new PoolDefinition("p", [small], TimeSpan.Zero, default, false, 1, false, [], []);
        var pool = new AddressPool(definition);
        for (var i = 0; i < 200; i++)
            pool.Lease($"vm-{i}", null, DateTimeOffset.UnixEpoch, out _);
        var next = definition with { Ranges = [PoolFixture.Range(cidr, "10.7.0.0/16", "192.168.7.0/25")] };
        if (cidr == "10.0.0.0/8")
            next = next with { Ranges = [.. next.Ranges, small] };
        var before = GC.GetAllocatedBytesForCurrentThread();
        pool.Redefine(new RangeMap(next));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 14);
        Assert.Equal(200, pool.Used);
    }

    [Fact]
    public async Task Sixty_four_lessees_never_share_an_address_while_the_pool_grows_and_shrinks()
    {
        using var pool = PoolFixture.Empty();
        await pool.CreateAsync(
            new PoolRequest(PoolFixture.Pool, [new RangeRequest("192.168.100.0/24")], Cooldown: TimeSpan.Zero)
        );
        var holders = new int[1 << 16];
        var isOver = false;
        var lessees = Enumerable
            .Range(0, 64)
            .Select(caller =>
                Task.Run(async () =>
                {
                    for (var i = 0; !Volatile.Read(ref isOver); i++)
                    {
                        var owner = $"{caller}-{i}";
                        var wanted = i % 4 == 0 ? $"192.168.{caller}.{i % 256}" : null;
                        if (await pool.TryLeaseAsync(owner, wanted) is not LeaseOutcome.Granted { Lease: var lease })
                            continue;
                        Assert.Equal(1, Interlocked.Increment(ref holders[(ushort)lease.Address.Value]));
                        Assert.NotNull(pool.Directory.RangeOf(PoolFixture.Pool, lease.Address));
                        await Task.Yield();
                        Assert.Equal(0, Interlocked.Decrement(ref holders[(ushort)lease.Address.Value]));
                        Assert.IsType<ReleaseOutcome.Released>(await pool.ReleaseAsync($"{lease.Address}", owner));
                    }
                })
            )
            .ToArray();
        var (grown, refused) = (0, 0);
        for (var i = 0; i < 200; i++)
        {
            var isLarge = pool.Directory.Find(PoolFixture.Pool)!.Ranges[0].Network.PrefixLength == 16;
            var next = pool.Next(p =>
                p with
                {
                    Ranges = [PoolFixture.Range(isLarge ? "192.168.100.0/24" : "192.168.0.0/16", "192.168.100.9/32")],
                }
            );
            if (await pool.TryRedefineAsync(next) is PoolOutcome.Done)
                grown++;
            else
                refused++;
            await Task.Yield();
        }
        Volatile.Write(ref isOver, true);
        await Task.WhenAll(lessees);
        Assert.True(grown > 0, $"{grown} done, {refused} refused");
        var counts = pool.Counts;
        Assert.Equal((0, 0, 1, counts.Total - 1), (counts.Used, counts.Cooling, counts.Reserved, counts.Free));
    }

    private static string AddressOf(LeaseOutcome outcome) =>
        Assert.IsType<LeaseOutcome.Granted>(outcome).Lease.Address.ToString();

    /// <summary>192.168.100.0/24 with vm-2 at .2 to vm-10 at .10.</summary>
    private static async Task<PoolFixture> OfTenAsync()
    {
        var pool = await PoolFixture.WithAsync("192.168.100.0/24");
        for (var i = 2; i <= 10; i++)
            await pool.LeaseAsync($"vm-{i}");
        return pool;
    }
}
