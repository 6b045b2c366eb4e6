using MasterController.Core.Operations;
using MasterController.Core.Store;

namespace MasterController.Core.PoolChanges;

public sealed partial class PoolOperations
{
    private IReadOnlyList<PoolChange> _left = [];

    /// <summary>
    /// Takes over what a former controller left half-done; to be called before the host network is applied, so that what
    /// was prepared stays.
    /// </summary>
    internal void Load(StoreSnapshot snapshot)
    {
        _left = snapshot.PoolChanges;
        foreach (var change in _left.Where(c => c.Phase == PoolChangePhase.Preparing))
            networks.Prepare(change.After);
    }

    /// <summary>Finishes or undoes it, in the background.</summary>
    internal async Task GoOnAsync()
    {
        foreach (var change in _left)
        {
            if (operations.Find(change.OperationId) is not { Status: OperationStatus.Running } operation)
            {
                await store.CommitAsync(new StoreChange.PoolChangeDeleted(change.OperationId));
                continue;
            }
            LogGoingOn(change.Pool, change.OperationId, change.Phase);
            // Only those that wait for leases let others in; they enter again by themselves.
            if (change.Phase != PoolChangePhase.Draining)
                _gates.TryEnter(change.Pool, change.OperationId);
            Go(new RunningPoolChange(change, operations.Resume(operation)));
        }
        _left = [];
    }
}
