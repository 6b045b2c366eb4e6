using CsCheck;
using MasterController.Core.Quotas;
using MasterController.Core.Store;
using MasterController.Core.Vms;
using MasterController.Tests.Addressing;
using MasterController.Tests.Store;
using MasterController.Tests.Vms;
using Xunit;

namespace MasterController.Tests.Quotas;

public sealed class QuotaLedgerTests
{
    private readonly InMemoryStateStore _store = new();
    private QuotaLimits _default = QuotaLimits.None;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("vms", "The owner \"ci\" may have 2 VMs (quota.max_vms) and has 2.")]
    [InlineData("vcpus", "The owner \"ci\" may have 3 vCPUs (quota.max_vcpus) and has 2; 2 more are wanted.")]
    [InlineData(
        "memory",
        "The owner \"ci\" may have 600 MiB of memory (quota.max_memory_mib) and has 512; 512 more are wanted."
    )]
    [InlineData("addresses", "The owner \"ci\" may have 4 addresses (quota.max_addresses) and has 4.")]
    [InlineData(
        "dedicated",
        "The owner \"ci\" may have 1 dedicated addresses (quota.max_dedicated_addresses) and has 1."
    )]
    public void A_refusal_says_which_limit_and_its_value(string limit, string words)
    {
        var (limits, wanted) = limit switch
        {
            "vms" => (new QuotaLimits(Vms: 2), new QuotaUse(Vms: 1)),
            "vcpus" => (new QuotaLimits(Vcpus: 3), new QuotaUse(Vcpus: 2)),
            "memory" => (new QuotaLimits(MemoryMib: 600), new QuotaUse(MemoryMib: 512)),
            "addresses" => (new QuotaLimits(Addresses: 4), new QuotaUse(Addresses: 1)),
            _ => (new QuotaLimits(DedicatedAddresses: 1), new QuotaUse(DedicatedAddresses: 1)),
        };
        var ledger = new QuotaLedger(_store, () => limits);
        ledger.Take("ci", new QuotaUse(2, 2, 512, 2, 1));
        Assert.Equal(words, ledger.TryTake("ci", wanted, leases: 2)!.Words);
        Assert.Null(ledger.TryTake("other", wanted));
        Assert.Null(ledger.TryTake(null, new QuotaUse(100, 100, 100_000, 100, 100)));
        Assert.Equal(new QuotaUse(2, 2, 512, 2, 1), ledger.Look("ci").Used);
    }

    [Fact]
    public async Task Limits_of_its_own_hold_over_the_default_survive_a_restart_and_can_be_taken_back()
    {
        _default = new QuotaLimits(Vms: 1, Vcpus: 8);
        var ledger = new QuotaLedger(_store, () => _default);
        Assert.False(await ledger.ClearAsync("ci"));
        await ledger.SetAsync("ci", new QuotaLimits(Vms: 3, MemoryMib: 0));

        ledger = new QuotaLedger(_store, () => _default);
        await ledger.LoadAsync(_store, Cancelled);
        Assert.Equal(new QuotaLimits(3, 8, 0), ledger.Look("ci").Limits);
        Assert.Null(ledger.TryTake("ci", new QuotaUse(Vms: 3)));
        var refusal = ledger.TryTake("ci", new QuotaUse(Vms: 1))!;
        Assert.Equal("The owner \"ci\" may have 3 VMs (quota.max_vms, set for this owner) and has 3.", refusal.Words);

        // What is lowered takes nothing away.
        await ledger.SetAsync("ci", new QuotaLimits(Vms: 1));
        Assert.Equal(3, ledger.Look("ci").Used.Vms);
        ledger.Give("ci", new QuotaUse(Vms: 2));
        Assert.NotNull(ledger.TryTake("ci", new QuotaUse(Vms: 1)));

        // The configured one is live.
        Assert.True(await ledger.ClearAsync("ci"));
        _default = new QuotaLimits(Vms: 2);
        Assert.Null(ledger.TryTake("ci", new QuotaUse(Vms: 1)));
        Assert.Empty(await _store.ReadQuotasAsync(Cancelled));
    }

    [Fact]
    public async Task A_limit_that_cannot_be_stored_does_not_hold()
    {
        var ledger = new QuotaLedger(_store, () => _default);
        _store.Refuses = _ => true;
        await Assert.ThrowsAsync<StoreException>(() => ledger.SetAsync("ci", new QuotaLimits(Vms: 1)));
        Assert.Null(ledger.Look("ci").Own);
    }

    [Fact]
    public void Of_racing_creates_as_many_get_through_as_the_quota_allows()
    {
        var ledger = new QuotaLedger(_store, () => new QuotaLimits(Vms: 40, MemoryMib: 7 * 256));
        var registry = new VmRegistry(_store, ledger);
        var refusals = new VmOutcome?[64];
        Parallel.For(0, 64, i => refusals[i] = registry.TryReserve(Spec($"vm-{i}", "ci"), new VmLimits()));
        Assert.Equal(7, refusals.Count(r => r is null));
        Assert.All(refusals.OfType<VmOutcome.QuotaExceeded>(), r => Assert.Equal("quota.max_memory_mib", r.Reason.Key));
        Assert.Equal(new QuotaUse(7, 7, 7 * 256, 7), ledger.Look("ci").Used);
        Assert.Null(registry.TryReserve(Spec("vm-x", "other"), new VmLimits()));
        Assert.Null(registry.TryReserve(Spec("vm-y", null), new VmLimits()));
    }

    /// <summary>What the ledger says is what VMs have, whatever happens to them and whatever the store refuses.</summary>
    [Fact]
    public async Task The_ledger_agrees_with_the_VMs()
    {
        var random = Gen.Int[0, 99].Array[60];
        await random.SampleAsync(
            async choices =>
            {
                var store = new InMemoryStateStore();
                var ledger = new QuotaLedger(store, () => new QuotaLimits(Vms: 6, Vcpus: 4, MemoryMib: 1_200));
                var registry = new VmRegistry(store, ledger);
                List<VmEntry> there = [];
                for (var i = 0; i < choices.Length; i++)
                {
                    var choice = choices[i];
                    store.Refuses = choice % 7 == 0 ? _ => true : _ => false;
                    var entry = there.Count > 0 ? there[choice % there.Count] : null;
                    switch (choice % 5)
                    {
                        case 0:
                            var spec = Spec($"vm-{i}", choice % 2 == 0 ? "ann" : null);
                            if (registry.TryReserve(spec, new VmLimits(MaxMemoryMib: 2_000)) is not null)
                                break;
                            if (choice % 3 == 0)
                                registry.Unreserve(spec);
                            else
                                there.Add(registry.Add(TestVms.Record(spec.Id) with { Owner = spec.Owner }));
                            break;
                        case 1 when entry is not null:
                            registry.Remove(entry);
                            there.Remove(entry);
                            break;
                        case 2 or 3 when entry is not null:
                            await TryAsync(registry, entry, VmStatus.Stopped);
                            break;
                        case 4 when entry is not null:
                            await TryAsync(registry, entry, VmStatus.Starting);
                            break;
                    }
                    var owned = there.Where(e => e.Record.Owner == "ann").Select(e => e.Record).ToArray();
                    var running = owned.Where(VmRegistry.TakesMemory).ToArray();
                    Assert.Equal(
                        new QuotaUse(
                            owned.Length,
                            running.Sum(v => v.Vcpus),
                            running.Sum(v => v.MemoryMib),
                            owned.Length
                        ),
                        ledger.Look("ann").Used
                    );
                    Assert.True(owned.Length <= 6 && running.Length <= 4);
                }
            },
            iter: 200
        );
    }

    [Fact]
    public async Task Of_racing_leases_and_creates_of_one_owner_no_more_get_through_than_it_may_have()
    {
        await using var fixture = new RacingPools();
        var ledger = new QuotaLedger(_store, () => new QuotaLimits(Addresses: 5));
        var leases = new OwnerLeases(fixture.Pools, ledger);
        var registry = new VmRegistry(_store, ledger);
        var granted = 0;
        await Parallel.ForAsync(
            0,
            60,
            Cancelled,
            async (i, cancel) =>
            {
                if (i % 3 == 0)
                {
                    using var turn = await ledger.AddressTurnAsync("ci", cancel);
                    if (registry.TryReserve(Spec($"vm-{i}", "ci"), new VmLimits(), fixture.Pools.HeldBy("ci")) is null)
                        Interlocked.Increment(ref granted);
                }
                else
                {
                    var (outcome, _) = await leases.LeaseAsync($"p{i % RacingPools.Count}", "ci", null, cancel);
                    if (outcome is Core.Addressing.LeaseOutcome.Granted)
                        Interlocked.Increment(ref granted);
                }
            }
        );
        Assert.Equal(5, granted);
        Assert.Equal(5, ledger.Look("ci").Used.Addresses + fixture.Pools.HeldBy("ci"));

        // One that it has already is given again, whatever the limit.
        var held = Enumerable.Range(0, RacingPools.Count).First(i => fixture.Pools.Leases($"p{i}").Count > 0);
        var (again, _) = await leases.LeaseAsync($"p{held}", "ci", null, Cancelled);
        Assert.IsType<Core.Addressing.LeaseOutcome.AlreadyHeld>(again);
    }

    private static async Task TryAsync(VmRegistry registry, VmEntry entry, VmStatus status)
    {
        try
        {
            await registry.UpdateAsync(
                entry,
                v =>
                    status == VmStatus.Stopped || registry.TryTakeMemory(v, new VmLimits()) is null
                        ? v with
                        {
                            Status = status,
                        }
                        : null
            );
        }
        catch (StoreException)
        {
            // The ledger has to agree nevertheless.
        }
    }

    private static VmSpec Spec(string id, string? owner) =>
        VmSpec.TryCreate(new VmRequest(Owner: owner, MemoryMib: 256), id, VmSettings.Default, out _)!;
}
