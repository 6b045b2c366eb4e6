using System.Collections.Concurrent;
using MasterController.Core.Addressing;
using MasterController.Core.External;
using MasterController.Linux.Addresses;

namespace MasterController.Core.HostNetwork;

/// <summary>
/// Changes of pools, carried through to the host network. The store comes first: a crash in between leaves a pool whose
/// network the next start applies.
/// </summary>
public sealed class PoolNetworks(PoolDirectory pools, IHostNetwork network, ExternalDirectory external)
{
    private readonly SemaphoreSlim _oneAtATime = new(1, 1);
    private readonly ConcurrentDictionary<string, Preparation> _prepared = new(StringComparer.Ordinal);

    /// <summary>What the host network has to know of all pools.</summary>
    public IReadOnlyList<PoolNetwork> Desired => [.. pools.Pools.SelectMany(Ready)];

    /// <summary>As <see cref="Desired"/>, with one pool's definition replaced.</summary>
    public IReadOnlyList<PoolNetwork> DesiredWith(PoolDefinition definition) =>
        [.. pools.Pools.SelectMany(p => p.Name == definition.Name ? Of(definition) : Ready(p))];

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
                {
                    Mode = pool.Network,
                }
        );

    public Task<PoolOutcome> CreateAsync(PoolRequest request, CancellationToken cancellationToken) =>
        ChangeAsync(async () =>
            NetworkModeName.Parse(request.Network ?? "") == NetworkMode.Bridge
            && (await network.SurveyBridgeAsync(cancellationToken)).Obstacle is { } obstacle
                ? new PoolOutcome.BridgeNotOurs(obstacle)
            : ReasonAgainst(request) is { } reason
                ? new PoolOutcome.Invalid(new Dictionary<string, string[]> { ["ranges[0].cidr"] = [reason] })
            : await pools.CreateAsync(request, cancellationToken)
        );

    public Task<PoolOutcome> DeleteAsync(string pool, CancellationToken cancellationToken) =>
        ChangeAsync(() => pools.DeleteAsync(pool, cancellationToken));

    /// <summary>Gives an address back that no VM has, and makes the host forget its connections.</summary>
    public async Task<ReleaseOutcome> ReleaseAsync(
        string pool,
        Ipv4Address address,
        string owner,
        CancellationToken cancellationToken
    )
    {
        var outcome = await pools.ReleaseAsync(pool, address, owner, alongside: null, cancellationToken);
        if (outcome is ReleaseOutcome.Released)
            await network.ForgetConnectionsAsync(address, CancellationToken.None);
        return outcome;
    }

    /// <summary>
    /// From now on the host is to be ready for another definition of a pool beside its own, whatever else changes; takes
    /// effect with the next <see cref="SetAsync"/> and lasts until <see cref="EndPreparation"/>.
    /// </summary>
    public void Prepare(PoolDefinition definition) => _prepared[definition.Name] = new(definition, GatewaysOnly: false);

    /// <summary>As <see cref="Prepare"/>, but only the other definition's gateways are answered.</summary>
    public void PrepareGateways(PoolDefinition definition) =>
        _prepared[definition.Name] = new(definition, GatewaysOnly: true);

    public void EndPreparation(string pool) => _prepared.TryRemove(pool, out _);

    /// <summary>Makes the host's networks as desired. Says in words what it changed.</summary>
    /// <param name="replaced">Rules of others that ours replace.</param>
    /// <exception cref="HostNetworkException">The kernel refused.</exception>
    public async Task<IReadOnlyList<string>> SetAsync(IReadOnlyList<ForeignRule> replaced)
    {
        await _oneAtATime.WaitAsync();
        try
        {
            return await network.SetNetworksAsync(Desired, replaced, CancellationToken.None);
        }
        finally
        {
            _oneAtATime.Release();
        }
    }

    private IEnumerable<PoolNetwork> Ready(PoolDefinition pool)
    {
        if (!_prepared.TryGetValue(pool.Name, out var prepared))
            return Of(pool);
        if (!prepared.GatewaysOnly)
            return Of(pool).Concat(Of(prepared.Definition));
        var gateways = Of(prepared.Definition).SelectMany(n => n.Gateways);
        return Of(pool).Select((n, i) => i == 0 ? n with { Gateways = [.. n.Gateways.Union(gateways)] } : n);
    }

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

    /// <summary>It does not go with what dedicated addresses are taken from, so that the next start would refuse the pools.</summary>
    private string? ReasonAgainst(PoolRequest request) =>
        PoolRules.Check(request, pools.Pools) is PoolOutcome.Done { Pool: var pool }
        && external.ReasonAgainst([.. pools.Pools, pool]) is var (key, reason)
            ? $"{key}: {reason}"
            : null;

    private readonly record struct Preparation(PoolDefinition Definition, bool GatewaysOnly);
}
