using MasterController.Core.Addressing;
using MasterController.Core.Events;
using MasterController.Core.Store;

namespace MasterController.Bench.Subjects;

/// <summary>Pools over a state file, as the controller has them.</summary>
internal static class StoredPools
{
    public static async Task<PoolDirectory> LoadAsync(IStateStore store)
    {
        var pools = new PoolDirectory(store, new EventHub(TimeProvider.System), TimeProvider.System);
        pools.Load(await store.LoadAsync(default));
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

    public static async Task LeaseAsync(PoolDirectory pools, string pool, string owner)
    {
        var outcome = await pools.LeaseAsync(pool, owner, wanted: null, alongside: null, default);
        if (outcome is not LeaseOutcome.Granted)
            throw new InvalidOperationException(outcome.ToString());
    }
}
