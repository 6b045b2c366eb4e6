using MasterController.Core.Store;
using MasterController.Linux.Addresses;

namespace MasterController.Core.Addressing;

/// <summary>What changes of a pool need of its leases: to try a stretch out, and to wait until it is not in use.</summary>
internal sealed partial class StoredPool
{
    private readonly Dictionary<Ipv4Address, TaskCompletionSource> _awaited = [];

    /// <summary>As <see cref="PoolDirectory.TryOutAsync"/>.</summary>
    public async Task<LeaseOutcome> TryOutAsync(
        Ipv4Address first,
        Ipv4Address last,
        string operationId,
        CancellationToken cancellationToken
    )
    {
        var owner = OwnerKey.OfProof(operationId);
        await EndProofAsync(owner, cancellationToken);
        while (true)
        {
            var (outcome, after) = DecideTryOut(owner, first, last, operationId);
            if (outcome is null)
            {
                await EndOfAsync(after, cancellationToken);
                continue;
            }
            await after;
            await EndProofAsync(owner, CancellationToken.None);
            return outcome;
        }
    }

    /// <summary>Gives back at once, without a cool-down, what was leased to prove a change; nothing where nothing was.</summary>
    public async Task EndProofAsync(string owner, CancellationToken cancellationToken)
    {
        while (true)
        {
            var (isOver, after) = DecideEndOfProof(owner);
            if (isOver)
            {
                await after;
                return;
            }
            await EndOfAsync(after, cancellationToken);
        }
    }

    /// <summary>Ends when no address from first to last is leased.</summary>
    public async Task WaitUntilUnusedAsync(Ipv4Address first, Ipv4Address last, CancellationToken cancellationToken)
    {
        // From lease to lease: where nothing new is leased, each address is looked at once, and once more at the end.
        var from = first;
        while (true)
        {
            Task? end;
            lock (_lock)
            {
                var lowest = memory.LeasesIn(from, last).FirstOrDefault();
                end = lowest is not null ? EndOfLeaseLocked(lowest.Address) : InFlightBetweenLocked(from, last);
                if (end is null && from == first)
                    return;
                from = lowest?.Address ?? first;
            }
            if (end is not null)
                await EndOfAsync(end, cancellationToken);
        }
    }

    private Decision<LeaseOutcome> DecideTryOut(string owner, Ipv4Address first, Ipv4Address last, string operationId)
    {
        lock (_lock)
        {
            if (_isDeleted)
                return new(new LeaseOutcome.NoSuchPool(Definition.Name));
            if (InFlightLocked(memory.KnownAddressOf(owner)) is { } earlier)
                return new(null, earlier);
            var now = clock.GetUtcNow();
            if (!memory.TryLeaseHighest(owner, first.Value, last.Value, now, out var grant))
                return new(new LeaseOutcome.Exhausted(Definition.Name, memory.Counts(now)));
            var lease = new Lease(Definition.Name, grant.Address, owner, now);
            return new(
                new LeaseOutcome.Granted(lease),
                StoreLocked(
                    lease.Address,
                    [new StoreChange.LeaseSaved(lease, operationId)],
                    () => { },
                    () => memory.Revoke(grant)
                )
            );
        }
    }

    private (bool IsOver, Task After) DecideEndOfProof(string owner)
    {
        lock (_lock)
        {
            var held = memory.KnownAddressOf(owner);
            if (_isDeleted || held is not { } address || memory.HolderOf(address) != owner)
                return (true, Task.CompletedTask);
            if (InFlightLocked(held) is { } earlier)
                return (false, earlier);
            var lease = memory.LeasesIn(address, address).Single();
            StoreChange[] changes =
            [
                new StoreChange.LeaseReleased(lease, clock.GetUtcNow()),
                new StoreChange.LeasesForgotten(lease.Pool, [address]),
            ];
            return (true, StoreLocked(address, changes, () => memory.Withdraw(address), () => { }));
        }
    }

    private Task EndOfLeaseLocked(Ipv4Address address)
    {
        if (!_awaited.TryGetValue(address, out var end))
            _awaited[address] = end = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        return end.Task;
    }

    private Task? InFlightBetweenLocked(Ipv4Address first, Ipv4Address last) =>
        _inFlight.FirstOrDefault(i => first <= i.Key && i.Key <= last).Value;

    private void TellAwaitedLocked(Ipv4Address address)
    {
        if (_awaited.Count > 0 && memory.HolderOf(address) is null && _awaited.Remove(address, out var end))
            end.SetResult();
    }
}
