using MasterController.Core.Addressing;
using MasterController.Core.Events;
using MasterController.Core.Store;
using MasterController.Linux.Addresses;

namespace MasterController.Bench.Subjects;

/// <summary>Pools over a state file, as the controller has them.</summary>
internal static class StoredPools
{
    public static async Task<PoolDirectory> LoadAsync(IStateStore store) => Of(store, await store.LoadAsync(default));

    public static PoolDirectory Of(IStateStore store, StoreSnapshot snapshot)
    {
        var pools = new PoolDirectory(store, new EventHub(TimeProvider.System), TimeProvider.System);
        pools.Load(snapshot);
        return pools;
    }

    /// <summary>Makes a pool with the default cool-down, of which so many addresses are leased.</summary>
    public static async Task CreateAsync(PoolDirectory pools, string name, string cidr, int leases)
    {
        var outcome = await pools.CreateAsync(new PoolRequest(name, [new RangeRequest(cidr)]), default);
        if (outcome is not PoolOutcome.Done)
            throw new InvalidOperationException(outcome.ToString());
        var owners = new OwnerKeys(seed: 2).Take(leases);
        await Task.WhenAll(owners.Select(owner => LeaseAsync(pools, name, owner)));
    }

    /// <summary>Stores a pool of which the lowest addresses are leased, one to each owner, as many at a time.</summary>
    public static async Task FillAsync(IStateStore store, PoolDefinition pool, string[] owners, int leasesACommit)
    {
        await store.CommitAsync(new StoreChange.PoolSaved(pool));
        var address = pool.Ranges[0].First.Value;
        var now = TimeProvider.System.GetUtcNow();
        foreach (var some in owners.Chunk(leasesACommit))
        {
            await store.CommitAsync([
                .. some.Select(owner => new StoreChange.LeaseSaved(new(pool.Name, new(address++), owner, now))),
            ]);
        }
    }

    public static async Task<Ipv4Address> LeaseAsync(PoolDirectory pools, string pool, string owner)
    {
        var outcome = await pools.LeaseAsync(pool, owner, wanted: null, alongside: null, default);
        return outcome is LeaseOutcome.Granted granted
            ? granted.Lease.Address
            : throw new InvalidOperationException(outcome.ToString());
    }

    public static async Task ReleaseAsync(PoolDirectory pools, string pool, Ipv4Address address, string owner)
    {
        var outcome = await pools.ReleaseAsync(pool, address, owner, alongside: null, default);
        if (outcome is not ReleaseOutcome.Released)
            throw new InvalidOperationException(outcome.ToString());
    }
}
