using System.Globalization;
using MasterController.Core.Access;
using MasterController.Core.Store;
using MasterController.Linux.Addresses;

namespace MasterController.Core.Addressing;

/// <summary>Pools that come, change and go.</summary>
public sealed partial class PoolDirectory
{
    public async Task<PoolOutcome> CreateAsync(PoolRequest request, CancellationToken cancellationToken)
    {
        await _changes.WaitAsync(cancellationToken);
        try
        {
            var outcome = PoolRules.Check(request, Pools);
            if (outcome is not PoolOutcome.Done { Pool: var pool })
                return outcome;
            var version = new PoolVersion(
                pool,
                clock.GetUtcNow(),
                PoolVersion.Create,
                OperationId: null,
                Actor.Current
            );
            await store.CommitAsync(new StoreChange.PoolSaved(pool), new StoreChange.PoolVersionSaved(version));
            Loaded[pool.Name] = Stored(new AddressPool(pool));
            events.Publish("pool.created", pool.Name, string.Join(", ", pool.Ranges.Select(r => r.Network)));
            return outcome;
        }
        finally
        {
            _changes.Release();
        }
    }

    public async Task<PoolOutcome> DeleteAsync(string pool, CancellationToken cancellationToken)
    {
        await _changes.WaitAsync(cancellationToken);
        try
        {
            if (!Loaded.TryGetValue(pool, out var stored))
                return new PoolOutcome.NoSuchPool(pool);
            var outcome = await stored.DeleteAsync();
            if (outcome is PoolOutcome.Done)
            {
                Loaded.TryRemove(pool, out _);
                events.Publish("pool.deleted", pool, "");
            }
            return outcome;
        }
        finally
        {
            _changes.Release();
        }
    }

    /// <summary>
    /// Gives a pool another definition, whose version must be the next one, in one commit with its entry in the pool's
    /// history and with <paramref name="alongside"/>. While the commit is under way, whoever asks for an address waits.
    /// Refused (<see cref="PoolOutcome.Stale"/>, <see cref="PoolOutcome.Overlap"/>, <see cref="PoolOutcome.Invalid"/>,
    /// <see cref="PoolOutcome.LeasesOutside"/>), nothing has changed. Addresses that leave the pool while they cool down
    /// are forgotten.
    /// </summary>
    public async Task<PoolOutcome> RedefineAsync(
        PoolDefinition next,
        string action,
        string? operationId,
        StoreChange[] alongside,
        CancellationToken cancellationToken
    )
    {
        await _changes.WaitAsync(cancellationToken);
        try
        {
            if (!Loaded.TryGetValue(next.Name, out var stored))
                return new PoolOutcome.NoSuchPool(next.Name);
            var before = stored.Definition;
            if (next.Version != before.Version + 1)
                return new PoolOutcome.Stale(next.Name, next.Version - 1, before.Version);
            var check = Check(next);
            if (check is not PoolOutcome.Done { Pool: var pool })
                return check;
            var version = new PoolVersion(pool, clock.GetUtcNow(), action, operationId, Actor.Current);
            var outcome = await stored.RedefineAsync(pool, [new StoreChange.PoolVersionSaved(version), .. alongside]);
            if (outcome is PoolOutcome.Done)
            {
                var data = new Dictionary<string, string>
                {
                    ["action"] = action,
                    ["version"] = pool.Version.ToString(CultureInfo.InvariantCulture),
                };
                events.Publish("pool.redefined", pool.Name, PoolDifference.InWords(before, pool), data);
            }
            return outcome;
        }
        finally
        {
            _changes.Release();
        }
    }

    /// <summary>What speaks against a definition as the next one of its pool, but for leases; null where nothing does.</summary>
    internal PoolOutcome? CheckRedefinition(PoolDefinition next) =>
        Check(next) is { } outcome and not PoolOutcome.Done ? outcome : null;

    /// <summary>
    /// Leases the highest free address from first to last and gives it back at once, both durable and without a
    /// cool-down, to prove that the stretch can be leased from. <see cref="LeaseOutcome.Exhausted"/> where none is free.
    /// Where the store refuses to take it back, it goes with the next such call of the operation, with a redefinition
    /// that has it outside, or with <see cref="EndProofsAsync"/>.
    /// </summary>
    public async Task<LeaseOutcome> TryOutAsync(
        string pool,
        Ipv4Address first,
        Ipv4Address last,
        string operationId,
        CancellationToken cancellationToken
    ) =>
        Loaded.TryGetValue(pool, out var stored)
            ? await stored.TryOutAsync(new(first, last), operationId, cancellationToken)
            : new LeaseOutcome.NoSuchPool(pool);

    /// <summary>Gives back what a controller that was ended had leased to prove a change; once, after the load.</summary>
    public async Task EndProofsAsync(CancellationToken cancellationToken)
    {
        foreach (var lease in _leftProofs)
            await Loaded[lease.Pool].EndProofAsync(lease.Owner, cancellationToken);
        _leftProofs.Clear();
    }

    private PoolOutcome Check(PoolDefinition next) =>
        PoolRules.CheckRedefinition(next, [.. Pools.Where(p => p.Name != next.Name)]);
}
