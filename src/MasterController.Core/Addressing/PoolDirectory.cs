using System.Collections.Concurrent;
using MasterController.Core.Events;
using MasterController.Core.Store;
using MasterController.Linux.Addresses;

namespace MasterController.Core.Addressing;

/// <summary>
/// All pools of this controller: memory decides, the store makes it durable before anyone is told.
/// Safe for any number of callers. Once a change is on its way to the store, cancelling no longer takes it back.
/// </summary>
/// <remarks>
/// Where the store refuses a commit, the caller gets its <see cref="StoreException"/> and memory is as it was before.
/// </remarks>
public sealed partial class PoolDirectory(IStateStore store, EventHub events, TimeProvider clock) : IDisposable
{
    /// <summary>One create, change or delete at a time: each is checked against all pools there are.</summary>
    private readonly SemaphoreSlim _changes = new(1);
    private ConcurrentDictionary<string, StoredPool>? _pools;

    /// <summary>What was leased to prove a change when the controller was ended.</summary>
    private readonly List<Lease> _leftProofs = [];

    /// <summary>In the order of their names.</summary>
    public IReadOnlyList<PoolDefinition> Pools =>
        [.. Loaded.Values.Select(p => p.Definition).OrderBy(p => p.Name, StringComparer.Ordinal)];

    private ConcurrentDictionary<string, StoredPool> Loaded =>
        Volatile.Read(ref _pools) ?? throw new InvalidOperationException("the pools are not loaded yet");

    /// <summary>Rebuilds the pools from the store; nothing can be leased before this has ended.</summary>
    /// <exception cref="InvalidDataException">The snapshot contradicts itself; the message names the lease.</exception>
    /// <exception cref="StoreUnusableException">The leases, which were still being read, cannot be.</exception>
    public void Load(StoreSnapshot snapshot)
    {
        if (_pools is not null)
            throw new InvalidOperationException("the pools are loaded already");
        var now = clock.GetUtcNow();
        var memories = snapshot.Pools.ToDictionary(p => p.Name, p => new AddressPool(p));
        foreach (var released in snapshot.Released.OrderBy(r => r.ReleasedAt))
            PoolOf(released.Lease).RestoreCooling(released, now);
        var last = memories.Values.FirstOrDefault();
        foreach (var lease in snapshot.Leases)
        {
            if (last?.Definition.Name != lease.Pool)
                last = PoolOf(lease);
            if (!last.Restore(lease))
                throw Contradiction(lease, "it is outside the pool, or its owner has another");
            if (OwnerKey.IsProof(lease.Owner))
                _leftProofs.Add(lease);
        }
        Volatile.Write(
            ref _pools,
            new ConcurrentDictionary<string, StoredPool>(
                memories.Select(m => KeyValuePair.Create(m.Key, Stored(m.Value))),
                StringComparer.Ordinal
            )
        );

        AddressPool PoolOf(Lease lease) =>
            memories.TryGetValue(lease.Pool, out var pool) ? pool : throw Contradiction(lease, "there is no such pool");
    }

    public PoolDefinition? Find(string pool) => Loaded.GetValueOrDefault(pool)?.Definition;

    /// <summary>Null where there is no such pool.</summary>
    public PoolCounts? Counts(string pool) => Loaded.GetValueOrDefault(pool)?.Counts();

    /// <summary>False until <see cref="Load"/> has ended.</summary>
    public bool IsLoaded => Volatile.Read(ref _pools) is not null;

    /// <summary>Null where there is no such pool.</summary>
    public PoolActivity? Activity(string pool) => Loaded.GetValueOrDefault(pool)?.Activity;

    /// <summary>The range that holds an address, or null; a VM takes its gateway and mask from it.</summary>
    public AddressRange? RangeOf(string pool, Ipv4Address address) => Loaded.GetValueOrDefault(pool)?.RangeOf(address);

    /// <summary>
    /// Leases an address to an owner key; the same key gets the same lease again.
    /// <paramref name="alongside"/> is called with a fresh lease and adds changes to the very commit that makes it
    /// durable; it is called under the pool's lock, so it must be short and not come back here.
    /// </summary>
    /// <param name="operationId">The operation that takes the address, for its history.</param>
    public async Task<LeaseOutcome> LeaseAsync(
        string pool,
        string owner,
        Ipv4Address? wanted,
        Func<Lease, StoreChange[]>? alongside,
        CancellationToken cancellationToken,
        string? operationId = null
    )
    {
        if (OwnerKey.ReasonAgainst(owner) is { } reason)
            return new LeaseOutcome.Invalid("owner", reason);
        return Loaded.TryGetValue(pool, out var stored)
            ? await stored.LeaseAsync(owner, wanted, alongside, operationId, cancellationToken)
            : new LeaseOutcome.NoSuchPool(pool);
    }

    /// <summary>Gives an address back; it cools down. <paramref name="alongside"/> goes into the same commit.</summary>
    public async Task<ReleaseOutcome> ReleaseAsync(
        string pool,
        Ipv4Address address,
        string owner,
        StoreChange[]? alongside,
        CancellationToken cancellationToken
    ) =>
        Loaded.TryGetValue(pool, out var stored)
            ? await stored.ReleaseAsync(address, owner, alongside, cancellationToken)
            : new ReleaseOutcome.NoSuchPool(pool);

    /// <summary>In address order; empty where there is no such pool.</summary>
    public IReadOnlyList<Lease> Leases(string pool) => LeasesIn(pool, new(0), new(uint.MaxValue));

    /// <summary>Durable leases from first to last, both inclusive, in address order.</summary>
    public IReadOnlyList<Lease> LeasesIn(string pool, Ipv4Address first, Ipv4Address last) =>
        Loaded.GetValueOrDefault(pool)?.LeasesIn(new(first, last)) ?? [];

    /// <summary>Ends when no address from first to last is leased (any more), or there is no such pool.</summary>
    public Task WaitUntilUnusedAsync(
        string pool,
        Ipv4Address first,
        Ipv4Address last,
        CancellationToken cancellationToken
    ) =>
        Loaded.GetValueOrDefault(pool)?.WaitUntilUnusedAsync(new(first, last), cancellationToken) ?? Task.CompletedTask;

    public void Dispose() => _changes.Dispose();

    private StoredPool Stored(AddressPool memory) => new(memory, store, events, clock);

    private static InvalidDataException Contradiction(Lease lease, string why) =>
        new($"the store has {lease.Address} in pool {lease.Pool} leased to {lease.Owner}, but {why}");
}
