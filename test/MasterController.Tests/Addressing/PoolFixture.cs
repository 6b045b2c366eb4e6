using MasterController.Core.Addressing;
using MasterController.Core.Events;
using MasterController.Core.Store;
using MasterController.Linux.Addresses;
using MasterController.Tests.Store;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace MasterController.Tests.Addressing;

/// <summary>A directory over a store in memory, with a clock that the test moves.</summary>
internal sealed class PoolFixture : IDisposable
{
    public const string Pool = "default";

    private PoolFixture(InMemoryStateStore store, FakeTimeProvider clock)
    {
        Store = store;
        Clock = clock;
        Events = new EventHub(clock);
        Directory = new PoolDirectory(store, Events, clock);
    }

    public InMemoryStateStore Store { get; }

    public FakeTimeProvider Clock { get; }

    public EventHub Events { get; }

    public PoolDirectory Directory { get; private set; }

    public PoolCounts Counts => Directory.Counts(Pool)!.Value;

    public static PoolFixture Empty()
    {
        var fixture = new PoolFixture(new InMemoryStateStore(), new FakeTimeProvider());
        fixture.Directory.Load(StoreSnapshot.Empty);
        return fixture;
    }

    public static async Task<PoolFixture> WithAsync(params RangeRequest[] ranges)
    {
        var fixture = Empty();
        await fixture.CreateAsync(new PoolRequest(Pool, ranges));
        return fixture;
    }

    public static Task<PoolFixture> WithAsync(string cidr) => WithAsync(new RangeRequest(cidr));

    public async Task<PoolDefinition> CreateAsync(PoolRequest request)
    {
        var outcome = await Directory.CreateAsync(request, TestContext.Current.CancellationToken);
        return Assert.IsType<PoolOutcome.Done>(outcome).Pool;
    }

    public Task<LeaseOutcome> TryLeaseAsync(string owner, string? wanted = null, string pool = Pool) =>
        Directory.LeaseAsync(
            pool,
            owner,
            wanted is null ? null : Ipv4Address.Parse(wanted),
            alongside: null,
            TestContext.Current.CancellationToken
        );

    /// <summary>The address, as text.</summary>
    public async Task<string> LeaseAsync(string owner, string? wanted = null, string pool = Pool) =>
        Assert.IsType<LeaseOutcome.Granted>(await TryLeaseAsync(owner, wanted, pool)).Lease.Address.ToString();

    public Task<ReleaseOutcome> ReleaseAsync(string address, string owner, string pool = Pool) =>
        Directory.ReleaseAsync(
            pool,
            Ipv4Address.Parse(address),
            owner,
            alongside: null,
            TestContext.Current.CancellationToken
        );

    /// <summary>The definition that the pool has, changed and with the next version.</summary>
    public PoolDefinition Next(Func<PoolDefinition, PoolDefinition> change)
    {
        var now = Directory.Find(Pool)!;
        return change(now) with { Version = now.Version + 1 };
    }

    public Task<PoolOutcome> TryRedefineAsync(PoolDefinition next, params StoreChange[] alongside) =>
        Directory.RedefineAsync(next, "test", "operation-1", alongside, TestContext.Current.CancellationToken);

    /// <summary>The pool's definition, changed; refused nothing.</summary>
    public async Task<PoolDefinition> RedefineAsync(Func<PoolDefinition, PoolDefinition> change) =>
        Assert.IsType<PoolOutcome.Done>(await TryRedefineAsync(Next(change))).Pool;

    /// <summary>A range with its defaults.</summary>
    public static AddressRange Range(string cidr, params string[] reservations)
    {
        var errors = new FieldErrors();
        var range = RangeRules.Check(new RangeRequest(cidr, Reservations: reservations), "range.", errors);
        return Assert.IsType<AddressRange>(range);
    }

    public static Drain Drain(string first, string last) =>
        new(Ipv4Address.Parse(first), Ipv4Address.Parse(last), "operation-1");

    public static KeptGateway Kept(string address, string network) =>
        new(Ipv4Address.Parse(address), Ipv4Network.Parse(network), DateTimeOffset.UnixEpoch);

    /// <summary>A new directory from what the store has, as after a restart.</summary>
    public async Task RestartAsync()
    {
        Store.Restart();
        Directory.Dispose();
        Directory = new PoolDirectory(Store, Events, Clock);
        Directory.Load(await Store.LoadAsync(TestContext.Current.CancellationToken));
        await Directory.EndProofsAsync(TestContext.Current.CancellationToken);
    }

    public void Dispose() => Directory.Dispose();
}
