using MasterController.Core.Store;
using MasterController.Linux.Addresses;

namespace MasterController.Core.Addressing;

/// <summary>What changes of a pool need of its leases: to try a stretch out, and to wait until it is not in use.</summary>
internal sealed partial class StoredPool
{
    private readonly Dictionary<Ipv4Address, TaskCompletionSource> _awaited = [];

    /// <summary>As <see cref="PoolDirectory.TryOutAsync"/>.</summary>
    public async Task<LeaseOutcome> TryOutAsync(
        AddressStretch stretch,
        string operationId,
        CancellationToken cancellationToken
    )
    {
        var owner = OwnerKey.OfProof(operationId);
        await EndProofAsync(owner, cancellationToken);
        while (true)
        {
            var (outcome, after) = DecideTryOut(owner, stretch, operationId, out var grant);
            if (outcome is null)
            {
                await EndOfAsync(after, cancellationToken);
                continue;
            }
            await after;
            if (outcome is LeaseOutcome.Granted)
                await EndProofAsync(owner, CancellationToken.None, grant);
            return outcome;
        }
    }

    /// <summary>Gives back at once, without a cool-down, what was leased to prove a change; nothing where nothing was.</summary>
    /// <param name="grant">How it was leased, where that is known still: then all is as it was before.</param>
    public async Task EndProofAsync(string owner, CancellationToken cancellationToken, LeaseGrant? grant = null)
    {
        while (true)
        {
            var (isOver, after) = DecideEndOfProof(owner, grant);
            if (isOver)
            {
                await after;
                return;
            }
            await EndOfAsync(after, cancellationToken);
        }
    }

    /// <summary>Ends when no address of a stretch is leased.</summary>
    public async Task WaitUntilUnusedAsync(AddressStretch stretch, CancellationToken cancellationToken)
    {
        // From lease to lease: where nothing new is leased, each address is looked at once, and once more at the end.
        var left = stretch;
        while (true)
        {
            Task? end;
            lock (_lock)
            {
                var lowest = memory.LeasesIn(left).FirstOrDefault();
                end = lowest is not null ? EndOfLeaseLocked(lowest.Address) : InFlightInLocked(left);
                if (end is null && left == stretch)
                    return;
                left = stretch with { First = lowest?.Address ?? stretch.First };
            }
            if (end is not null)
                await EndOfAsync(end, cancellationToken);
        }
    }

    private Decision<LeaseOutcome> DecideTryOut(
        string owner,
        AddressStretch stretch,
        string operationId,
        out LeaseGrant grant
    )
    {
        lock (_lock)
        {
            grant = default;
            if (_isDeleted)
                return new(new LeaseOutcome.NoSuchPool(Definition.Name));
            if (InFlightLocked(memory.KnownAddressOf(owner)) is { } earlier)
                return new(null, earlier);
            var now = clock.GetUtcNow();
            if (!memory.TryLeaseHighest(owner, stretch, now, out grant))
                return new(new LeaseOutcome.Exhausted(Definition.Name, memory.Counts(now)));
            var granted = grant;
            var lease = new Lease(Definition.Name, grant.Address, owner, now);
            return new(
                new LeaseOutcome.Granted(lease),
                StoreLocked(
                    lease.Address,
                    [new StoreChange.LeaseSaved(lease, operationId)],
                    () => { },
                    () => memory.Revoke(granted)
                )
            );
        }
    }

    private (bool IsOver, Task After) DecideEndOfProof(string owner, LeaseGrant? grant)
    {
        lock (_lock)
        {
            var held = memory.KnownAddressOf(owner);
            if (_isDeleted || held is not { } address || memory.HolderOf(address) != owner)
                return (true, Task.CompletedTask);
            if (InFlightLocked(held) is { } earlier)
                return (false, earlier);
            var lease = memory.LeasesIn(new(address, address)).Single();
            StoreChange[] changes =
            [
                new StoreChange.LeaseReleased(lease, clock.GetUtcNow()),
                new StoreChange.LeasesForgotten(lease.Pool, [address]),
            ];
            return (true, StoreLocked(address, changes, End, () => { }));

            void End()
            {
                if (grant is { } before)
                    memory.Revoke(before);
                else
                    memory.Withdraw(address);
            }
        }
    }

    private Task EndOfLeaseLocked(Ipv4Address address)
    {
        if (!_awaited.TryGetValue(address, out var end))
            _awaited[address] = end = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        return end.Task;
    }

    private Task? InFlightInLocked(AddressStretch stretch) =>
        _inFlight.FirstOrDefault(i => stretch.Contains(i.Key)).Value;

    private void TellAwaitedLocked(Ipv4Address address)
    {
        if (_awaited.Count > 0 && memory.HolderOf(address) is null && _awaited.Remove(address, out var end))
            end.SetResult();
    }
}
