using System.Globalization;
using MasterController.Core.Events;
using MasterController.Core.Store;
using MasterController.Linux.Addresses;

namespace MasterController.Core.Addressing;

/// <summary>
/// One pool with its store. Memory changes and the commit is queued under one lock, so that the store sees the changes
/// in the order in which they were decided; who asked is answered when the commit is durable. Until then the address is
/// in flight: whoever asks for it, or asks under its owner's key, waits, and is answered from what came of it.
/// </summary>
internal sealed partial class StoredPool(AddressPool memory, IStateStore store, EventHub events, TimeProvider clock)
{
    /// <summary>Ended cool-downs that one commit clears away beside its own work.</summary>
    private const int ExpiredPerCommit = 256;

    private readonly Lock _lock = new();
    private readonly Dictionary<Ipv4Address, Task> _inFlight = [];
    private bool _isExhaustionTold;
    private long _leased;
    private long _released;

    public PoolDefinition Definition => memory.Definition;

    public PoolCounts Counts()
    {
        lock (_lock)
            return memory.Counts(clock.GetUtcNow());
    }

    /// <summary>What has become durable since the controller started; plain numbers, since the lock is held anyway.</summary>
    public PoolActivity Activity
    {
        get
        {
            lock (_lock)
                return new PoolActivity(_leased, _released);
        }
    }

    public AddressRange? RangeOf(Ipv4Address address) => memory.RangeOf(address);

    /// <summary>Whether an owner has an address of this pool, durable or on its way.</summary>
    public bool Holds(string owner)
    {
        lock (_lock)
            return memory.KnownAddressOf(owner) is { } known && memory.HolderOf(known) == owner;
    }

    /// <summary>In address order; none that is not durable yet.</summary>
    public IReadOnlyList<Lease> LeasesIn(AddressStretch stretch)
    {
        lock (_lock)
            return [.. memory.LeasesIn(stretch).Where(l => !_inFlight.ContainsKey(l.Address))];
    }

    public async Task<LeaseOutcome> LeaseAsync(
        string owner,
        Ipv4Address? wanted,
        Func<Lease, StoreChange[]>? alongside,
        string? operationId,
        CancellationToken cancellationToken
    )
    {
        while (true)
        {
            var (outcome, after) = DecideLease(owner, wanted, alongside, operationId);
            if (outcome is not null)
            {
                await after;
                return outcome;
            }
            await EndOfAsync(after, cancellationToken);
        }
    }

    public async Task<ReleaseOutcome> ReleaseAsync(
        Ipv4Address address,
        string owner,
        StoreChange[]? alongside,
        CancellationToken cancellationToken
    )
    {
        while (true)
        {
            var (outcome, after) = DecideRelease(address, owner, alongside);
            if (outcome is not null)
            {
                await after;
                return outcome;
            }
            await EndOfAsync(after, cancellationToken);
        }
    }

    private Decision<LeaseOutcome> DecideLease(
        string owner,
        Ipv4Address? wanted,
        Func<Lease, StoreChange[]>? alongside,
        string? operationId
    )
    {
        lock (_lock)
        {
            if (_isDeleted)
                return new(new LeaseOutcome.NoSuchPool(Definition.Name));
            if ((InFlightLocked(wanted) ?? InFlightLocked(memory.KnownAddressOf(owner))) is { } earlier)
                return new(null, earlier);
            var now = clock.GetUtcNow();
            var refusal = memory.Lease(owner, wanted, now, out var grant);
            if (refusal is LeaseOutcome.Exhausted exhausted)
                TellExhaustedLocked(exhausted.Counts);
            if (refusal is not null)
                return new(refusal);

            var lease = new Lease(Definition.Name, grant.Address, owner, now);
            StoreChange[] changes = [new StoreChange.LeaseSaved(lease, operationId)];
            try
            {
                if (alongside is not null)
                    changes = [.. changes, .. alongside(lease)];
            }
            catch
            {
                memory.Revoke(grant);
                throw;
            }
            _isExhaustionTold = false;
            return new(
                new LeaseOutcome.Granted(lease),
                StoreLocked(lease.Address, changes, () => TellGranted(lease, grant), () => memory.Revoke(grant))
            );
        }
    }

    private Decision<ReleaseOutcome> DecideRelease(Ipv4Address address, string owner, StoreChange[]? alongside)
    {
        lock (_lock)
        {
            if (_isDeleted)
                return new(new ReleaseOutcome.NoSuchPool(Definition.Name));
            if (InFlightLocked(address) is { } earlier)
                return new(null, earlier);
            var now = clock.GetUtcNow();
            if (memory.Release(address, owner, now, out var sinceTicks) is { } refusal)
                return new(refusal);
            var lease = new Lease(Definition.Name, address, owner, new DateTimeOffset(sinceTicks, TimeSpan.Zero));
            return new(
                new ReleaseOutcome.Released(lease),
                StoreLocked(
                    address,
                    [new StoreChange.LeaseReleased(lease, now), .. alongside ?? []],
                    () =>
                    {
                        memory.Settle(address);
                        _released++;
                        Tell("lease.released", lease, $"{address} given back by {owner}");
                    },
                    () => memory.Reinstate(lease)
                )
            );
        }
    }

    private Task? InFlightLocked(Ipv4Address? address) =>
        _barrier ?? (address is { } known ? _inFlight.GetValueOrDefault(known) : null);

    private Task StoreLocked(Ipv4Address address, StoreChange[] changes, Action onStored, Action onFailed)
    {
        var stored = StoreAsync(address, changes, onStored, onFailed);
        // What has not ended cannot have left the table either: it needs this lock for that.
        if (!stored.IsCompleted)
            _inFlight.Add(address, stored);
        return stored;
    }

    private async Task StoreAsync(Ipv4Address address, StoreChange[] changes, Action onStored, Action onFailed)
    {
        var expired = memory.TakeExpired(ExpiredPerCommit);
        if (expired.Count > 0)
            changes = [new StoreChange.LeasesForgotten(Definition.Name, expired), .. changes];
        var isStored = false;
        try
        {
            await store.CommitAsync(changes);
            isStored = true;
        }
        finally
        {
            lock (_lock)
            {
                _inFlight.Remove(address);
                if (!isStored)
                    memory.PutBackExpired(expired);
                (isStored ? onStored : onFailed)();
                TellAwaitedLocked(address);
            }
        }
    }

    /// <summary>Waits until a change has ended, well or not.</summary>
    private static async Task EndOfAsync(Task change, CancellationToken cancellationToken)
    {
        await change.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        cancellationToken.ThrowIfCancellationRequested();
    }

    private void TellGranted(Lease lease, LeaseGrant grant)
    {
        _leased++;
        Tell("lease.granted", lease, $"{lease.Address} leased to {lease.Owner}");
        var early = memory.EarlyBy(grant, lease);
        if (early <= TimeSpan.Zero)
            return;
        var seconds = early.TotalSeconds.ToString("0.###", CultureInfo.InvariantCulture);
        events.Publish(
            "lease.early-reuse",
            lease.Address.ToString(),
            $"{lease.Address}, which {grant.FormerOwner} gave back, leased to {lease.Owner} {seconds} s before its cool-down ended: the pool is exhausted",
            new Dictionary<string, string>
            {
                ["pool"] = lease.Pool,
                ["owner"] = lease.Owner,
                ["formerOwner"] = grant.FormerOwner!,
                ["secondsEarly"] = seconds,
            }
        );
    }

    private void Tell(string type, Lease lease, string message) =>
        events.Publish(
            type,
            lease.Address.ToString(),
            message,
            new Dictionary<string, string> { ["pool"] = lease.Pool, ["owner"] = lease.Owner }
        );

    /// <summary>Once, until an address could be leased again.</summary>
    private void TellExhaustedLocked(PoolCounts counts)
    {
        if (_isExhaustionTold)
            return;
        _isExhaustionTold = true;
        events.Publish(
            "pool.exhausted",
            Definition.Name,
            $"none of {counts.Total} addresses is free: {counts.Used} used, {counts.Cooling} cooling, {counts.Reserved} reserved"
        );
    }

    /// <summary>An answer that may be given once <see cref="After"/> has ended well; without one, ask again then.</summary>
    private readonly record struct Decision<TOutcome>(TOutcome? Outcome, Task After)
    {
        public Decision(TOutcome outcome)
            : this(outcome, Task.CompletedTask) { }
    }
}
