using MasterController.Contracts;
using MasterController.Core.Addressing;
using MasterController.Core.HostNetwork;
using MasterController.Core.PoolChanges;

namespace MasterController.Daemon.Endpoints;

/// <summary>Pools as the API shows them, with what is going on in them.</summary>
internal sealed class PoolView(PoolDirectory pools, PoolOperations changes, GatewayUsers users)
{
    /// <summary>Of those who use a kept gateway so many are named.</summary>
    public const int UsersNamed = 20;

    public IEnumerable<Pool> All => pools.Pools.Select(Of);

    public Pool? Find(string pool) => pools.Find(pool) is { } found ? Of(found) : null;

    /// <summary>Between finding the pool and counting it, it may have been deleted: it is then shown empty.</summary>
    public Pool Of(PoolDefinition pool)
    {
        var counts = pools.Counts(pool.Name).GetValueOrDefault();
        return new Pool(
            pool.Name,
            [.. pool.Ranges.Select(Mapping.Range)],
            counts.Total,
            counts.Used,
            counts.Cooling,
            counts.Reserved,
            counts.Free,
            (int)pool.Cooldown.TotalSeconds,
            StrategyName.Of(pool.Strategy),
            pool.AllowVmToVm,
            pool.AllowEarlyReuse,
            [.. pool.KeptGateways.Select(k => Kept(pool.Name, k))],
            [.. pool.Drains.Select(d => Draining(pool.Name, d))],
            changes.AwaitsConfirmation(pool.Name),
            pool.Version,
            NetworkModeName.Of(pool.Network)
        );
    }

    private PoolKeptGateway Kept(string pool, KeptGateway gateway)
    {
        var waitedFor = users.Of(pool, gateway);
        return new PoolKeptGateway(
            gateway.Address.ToString(),
            gateway.Network.ToString(),
            gateway.Since,
            [.. waitedFor.Take(UsersNamed)],
            waitedFor.Count
        );
    }

    private PoolDrain Draining(string pool, Drain drain) =>
        new(
            drain.First.ToString(),
            drain.Last.ToString(),
            drain.OperationId,
            pools.LeasesIn(pool, drain.First, drain.Last).Count
        );
}
