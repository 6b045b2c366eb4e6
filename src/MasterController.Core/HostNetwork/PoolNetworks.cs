using MasterController.Core.Addressing;
using MasterController.Linux.Addresses;

namespace MasterController.Core.HostNetwork;

/// <summary>
/// Changes of pools, carried through to the host network. The store comes first: a crash in between leaves a pool whose
/// network the next start applies.
/// </summary>
public sealed class PoolNetworks(PoolDirectory pools, IHostNetwork network)
{
    private readonly SemaphoreSlim _oneAtATime = new(1, 1);

    /// <summary>What the host network has to know of all pools.</summary>
    public IReadOnlyList<PoolNetwork> Desired => [.. pools.Pools.SelectMany(Of)];

    /// <summary>A pool's networks. Kept gateways are answered with the first of them; it does not matter with which.</summary>
    public static IEnumerable<PoolNetwork> Of(PoolDefinition pool) =>
        pool.Ranges.Select(
            (range, index) =>
                new PoolNetwork(
                    range.Network,
                    [
                        .. range.Gateway is { } gateway ? [gateway] : Array.Empty<Ipv4Address>(),
                        .. index == 0 ? pool.KeptGateways.Select(kept => kept.Address) : [],
                    ],
                    pool.AllowVmToVm
                )
        );

    public Task<PoolOutcome> CreateAsync(PoolRequest request, CancellationToken cancellationToken) =>
        ChangeAsync(() => pools.CreateAsync(request, cancellationToken));

    public Task<PoolOutcome> DeleteAsync(string pool, CancellationToken cancellationToken) =>
        ChangeAsync(() => pools.DeleteAsync(pool, cancellationToken));

    private async Task<PoolOutcome> ChangeAsync(Func<Task<PoolOutcome>> change)
    {
        await _oneAtATime.WaitAsync();
        try
        {
            var outcome = await change();
            if (outcome is PoolOutcome.Done)
                await network.SetNetworksAsync(Desired, replaced: [], CancellationToken.None);
            return outcome;
        }
        finally
        {
            _oneAtATime.Release();
        }
    }
}
