using MasterController.Core.Store;

namespace MasterController.Core.Quotas;

/// <summary>
/// What each owner may have and has. It is taken before it comes to be and given back when it is gone, under one lock, so
/// that racing wishes cannot both have the last. What nobody owns is not counted; a limit that is lowered takes nothing away.
/// </summary>
public sealed class QuotaLedger(IStateStore store, Func<QuotaLimits> defaults)
{
    private const int Stripes = 64;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, QuotaUse> _used = new(StringComparer.Ordinal);
    private readonly Dictionary<string, QuotaLimits> _own = new(StringComparer.Ordinal);

    /// <summary>One change of limits at a time.</summary>
    private readonly SemaphoreSlim _changes = new(1);
    private readonly SemaphoreSlim[] _turns = [.. Enumerable.Range(0, Stripes).Select(_ => new SemaphoreSlim(1))];

    /// <summary>What an owner has without limits of its own.</summary>
    public QuotaLimits Default => defaults();

    /// <summary>Owners that have something or limits of their own, by name.</summary>
    public IReadOnlyList<string> Owners
    {
        get
        {
            lock (_lock)
                return [.. _used.Keys.Union(_own.Keys, StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        }
    }

    /// <summary>Nothing can be refused rightly before this has ended.</summary>
    public async Task LoadAsync(IStateHistory history, CancellationToken cancellationToken)
    {
        var stored = await history.ReadQuotasAsync(cancellationToken);
        lock (_lock)
        {
            foreach (var quota in stored)
                _own[quota.Owner] = quota.Limits;
        }
    }

    /// <summary>The limits that hold for an owner, those that were set for it, and what its VMs have.</summary>
    public (QuotaLimits Limits, QuotaLimits? Own, QuotaUse Used) Look(string owner)
    {
        lock (_lock)
            return (LimitsLocked(owner), _own.GetValueOrDefault(owner), _used.GetValueOrDefault(owner));
    }

    public async Task SetAsync(string owner, QuotaLimits limits)
    {
        await _changes.WaitAsync();
        try
        {
            await store.CommitAsync(new StoreChange.QuotaSaved(new OwnerQuota(owner, limits)));
            lock (_lock)
                _own[owner] = limits;
        }
        finally
        {
            _changes.Release();
        }
    }

    /// <summary>Back to the default; false where the owner has no limits of its own.</summary>
    public async Task<bool> ClearAsync(string owner)
    {
        await _changes.WaitAsync();
        try
        {
            lock (_lock)
            {
                if (!_own.ContainsKey(owner))
                    return false;
            }
            await store.CommitAsync(new StoreChange.QuotaDeleted(owner));
            lock (_lock)
                _own.Remove(owner);
            return true;
        }
        finally
        {
            _changes.Release();
        }
    }

    /// <summary>Takes all of it or nothing; null where it could be had.</summary>
    /// <param name="leases">Addresses that the owner leases by its own name, which are counted by their pools.</param>
    internal QuotaRefusal? TryTake(string? owner, QuotaUse wanted, long leases = 0)
    {
        if (owner is null)
            return null;
        lock (_lock)
        {
            if (ReasonAgainstLocked(owner, wanted, leases) is { } refusal)
                return refusal;
            AddLocked(owner, wanted);
            return null;
        }
    }

    /// <summary>Whether <see cref="TryTake"/> would refuse.</summary>
    internal QuotaRefusal? ReasonAgainst(string? owner, QuotaUse wanted)
    {
        if (owner is null)
            return null;
        lock (_lock)
            return ReasonAgainstLocked(owner, wanted, leases: 0);
    }

    /// <summary>For what is there already, whatever the limits say.</summary>
    internal void Take(string? owner, QuotaUse there)
    {
        if (owner is null)
            return;
        lock (_lock)
            AddLocked(owner, there);
    }

    internal void Give(string? owner, QuotaUse gone)
    {
        if (owner is null)
            return;
        lock (_lock)
        {
            var left = _used.GetValueOrDefault(owner) - gone;
            if (left == default)
                _used.Remove(owner);
            else
                _used[owner] = left;
        }
    }

    /// <summary>
    /// For whoever takes an address of a pool: leases by the owner's name are counted by the pools, so that one has to be
    /// there before the next is counted. Null where the owner has no such limit.
    /// </summary>
    internal async Task<IDisposable?> AddressTurnAsync(string? owner, CancellationToken cancellationToken)
    {
        if (owner is null || !(Look(owner).Limits.Addresses > 0))
            return null;
        var turn = _turns[(StringComparer.Ordinal.GetHashCode(owner) & int.MaxValue) % Stripes];
        await turn.WaitAsync(cancellationToken);
        return new Turn(turn);
    }

    private QuotaLimits LimitsLocked(string owner) => _own.GetValueOrDefault(owner)?.Over(defaults()) ?? defaults();

    private void AddLocked(string owner, QuotaUse more)
    {
        if (more != default)
            _used[owner] = _used.GetValueOrDefault(owner) + more;
    }

    private QuotaRefusal? ReasonAgainstLocked(string owner, QuotaUse wanted, long leases)
    {
        var used = _used.GetValueOrDefault(owner);
        var own = _own.GetValueOrDefault(owner);
        var byDefault = defaults();
        return Against(own?.Vms, byDefault.Vms, used.Vms, wanted.Vms, "quota.max_vms", "VMs")
            ?? Against(own?.Vcpus, byDefault.Vcpus, used.Vcpus, wanted.Vcpus, "quota.max_vcpus", "vCPUs")
            ?? Against(
                own?.MemoryMib,
                byDefault.MemoryMib,
                used.MemoryMib,
                wanted.MemoryMib,
                "quota.max_memory_mib",
                "MiB of memory"
            )
            ?? Against(
                own?.Addresses,
                byDefault.Addresses,
                used.Addresses + leases,
                wanted.Addresses,
                "quota.max_addresses",
                "addresses"
            )
            ?? Against(
                own?.DedicatedAddresses,
                byDefault.DedicatedAddresses,
                used.DedicatedAddresses,
                wanted.DedicatedAddresses,
                "quota.max_dedicated_addresses",
                "dedicated addresses"
            );

        QuotaRefusal? Against(long? ownLimit, long? defaultLimit, long has, long wants, string key, string noun)
        {
            var limit = ownLimit ?? defaultLimit ?? 0;
            return wants > 0 && limit > 0 && has + wants > limit
                ? new QuotaRefusal(owner, key, noun, ownLimit is not null, limit, has, wants)
                : null;
        }
    }

    private sealed class Turn(SemaphoreSlim turn) : IDisposable
    {
        public void Dispose() => turn.Release();
    }
}
