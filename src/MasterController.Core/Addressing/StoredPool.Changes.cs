using MasterController.Core.Store;
using MasterController.Linux.Addresses;

namespace MasterController.Core.Addressing;

/// <summary>Changes of the pool itself. While one is under way, whoever asks for an address waits.</summary>
internal sealed partial class StoredPool
{
    private const int LeasesInRefusal = 1000;
    private static readonly AddressStretch _everything = new(new(0), new(uint.MaxValue));

    /// <summary>Ends when a change of the pool itself has; null while there is none.</summary>
    private Task? _barrier;
    private bool _isDeleted;

    /// <summary>Deletes the pool unless leases are out. Not to be called while another change is under way.</summary>
    public Task<PoolOutcome> DeleteAsync() =>
        AloneAsync(async () =>
        {
            lock (_lock)
            {
                if (memory.Used > 0)
                {
                    var lowest = memory.LeasesIn(_everything).Take(LeasesInRefusal);
                    return new PoolOutcome.HasLeases(Definition.Name, [.. lowest]);
                }
            }
            await store.CommitAsync(new StoreChange.PoolDeleted(Definition.Name));
            lock (_lock)
                _isDeleted = true;
            return new PoolOutcome.Done(Definition);
        });

    /// <summary>
    /// Takes another definition, which has been checked against other pools, together with <paramref name="alongside"/>.
    /// Not to be called while another change is under way.
    /// </summary>
    public Task<PoolOutcome> RedefineAsync(PoolDefinition next, StoreChange[] alongside) =>
        AloneAsync(async () =>
        {
            var ranges = new RangeMap(next);
            Lease[] left;
            Ipv4Address[] cooling;
            lock (_lock)
            {
                // A proof whose end the store refused must not stand in the way of taking back what it was to prove.
                var outside = memory.LeasesOutside(ranges).ToLookup(l => OwnerKey.IsProof(l.Owner));
                if (outside[false].Any())
                    return new PoolOutcome.LeasesOutside(next.Name, [.. outside[false]]);
                if (LeasedGatewaysLocked(next) is { Count: > 0 } errors)
                    return new PoolOutcome.Invalid(errors);
                left = [.. outside[true]];
                cooling = [.. memory.CoolingOutside(ranges)];
            }
            List<StoreChange> changes = [new StoreChange.PoolSaved(next), .. alongside];
            changes.AddRange(left.Select(lease => new StoreChange.LeaseReleased(lease, clock.GetUtcNow())));
            if (left.Length + cooling.Length > 0)
            {
                Ipv4Address[] forgotten = [.. left.Select(l => l.Address), .. cooling];
                changes.Add(new StoreChange.LeasesForgotten(next.Name, forgotten));
            }
            await store.CommitAsync([.. changes]);
            lock (_lock)
            {
                foreach (var lease in left)
                    memory.Withdraw(lease.Address);
                memory.Redefine(ranges);
                _isExhaustionTold = false;
            }
            return new PoolOutcome.Done(next);
        });

    /// <summary>Gateways that guests hold: two would answer for one address.</summary>
    private Dictionary<string, string[]> LeasedGatewaysLocked(PoolDefinition next)
    {
        Dictionary<string, string[]> errors = [];
        for (var i = 0; i < next.Ranges.Count; i++)
        {
            if (next.Ranges[i].Gateway is { } gateway && memory.HolderOf(gateway) is { } holder)
                errors[$"ranges[{i}].gateway"] = [$"{gateway} is leased to {holder}"];
        }
        for (var i = 0; i < next.KeptGateways.Count; i++)
        {
            if (memory.HolderOf(next.KeptGateways[i].Address) is { } holder)
                errors[$"keptGateways[{i}]"] = [$"{next.KeptGateways[i].Address} is leased to {holder}"];
        }
        return errors;
    }

    /// <summary>Runs a change when all that is in flight has ended; from here on all who ask wait.</summary>
    private async Task<PoolOutcome> AloneAsync(Func<Task<PoolOutcome>> change)
    {
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Task[] inFlight;
        lock (_lock)
        {
            _barrier = ended.Task;
            inFlight = [.. _inFlight.Values];
        }
        try
        {
            foreach (var earlier in inFlight)
                await EndOfAsync(earlier, CancellationToken.None);
            return await change();
        }
        finally
        {
            lock (_lock)
                _barrier = null;
            ended.SetResult();
        }
    }
}
