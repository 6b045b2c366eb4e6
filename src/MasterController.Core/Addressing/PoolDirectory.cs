using MasterController.Core.Events;
using MasterController.Core.Store;
using MasterController.Linux.Addresses;

namespace MasterController.Core.Addressing;

/// <summary>
/// All pools of this controller: memory decides, the store makes it durable before anyone is told.
/// Safe for any number of callers.
/// </summary>
public sealed class PoolDirectory(IStateStore store, EventHub events, TimeProvider clock)
{
    private readonly IStateStore _store = store;
    private readonly EventHub _events = events;
    private readonly TimeProvider _clock = clock;

    /// <summary>Rebuilds the pools from the store; nothing can be leased before this has ended.</summary>
    public void Load(StoreSnapshot snapshot) => throw new NotImplementedException();

    public IReadOnlyList<PoolDefinition> Pools => throw new NotImplementedException();

    public PoolDefinition? Find(string pool) => throw new NotImplementedException();

    /// <summary>Null where there is no such pool.</summary>
    public PoolCounts? Counts(string pool) => throw new NotImplementedException();

    /// <summary>The range that holds an address, or null; a VM takes its gateway and mask from it.</summary>
    public AddressRange? RangeOf(string pool, Ipv4Address address) => throw new NotImplementedException();

    public Task<PoolOutcome> CreateAsync(PoolRequest request, CancellationToken cancellationToken) =>
        throw new NotImplementedException();

    public Task<PoolOutcome> DeleteAsync(string pool, CancellationToken cancellationToken) =>
        throw new NotImplementedException();

    /// <summary>
    /// Leases an address to an owner key; the same key gets the same lease again.
    /// <paramref name="alongside"/> is called with a fresh lease and adds changes to the very commit that makes it durable.
    /// </summary>
    public Task<LeaseOutcome> LeaseAsync(
        string pool,
        string owner,
        Ipv4Address? wanted,
        Func<Lease, StoreChange[]>? alongside,
        CancellationToken cancellationToken
    ) => throw new NotImplementedException();

    /// <summary>Gives an address back; it cools down. <paramref name="alongside"/> goes into the same commit.</summary>
    public Task<ReleaseOutcome> ReleaseAsync(
        string pool,
        Ipv4Address address,
        string owner,
        StoreChange[]? alongside,
        CancellationToken cancellationToken
    ) => throw new NotImplementedException();

    /// <summary>In address order; empty where there is no such pool.</summary>
    public IReadOnlyList<Lease> Leases(string pool) => throw new NotImplementedException();
}
