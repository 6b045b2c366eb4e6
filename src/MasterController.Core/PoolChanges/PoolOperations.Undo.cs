using MasterController.Core.Addressing;
using MasterController.Core.HostNetwork;
using MasterController.Core.Store;

namespace MasterController.Core.PoolChanges;

public sealed partial class PoolOperations
{
    private static readonly TimeSpan RetryInterval = TimeSpan.FromSeconds(5);

    private Task BeginUndoAsync(RunningPoolChange running, string why) =>
        UntilDoneAsync(
            running,
            () => SaveAsync(running, running.Change with { Phase = PoolChangePhase.Undoing, Failure = why })
        );

    /// <summary>
    /// Makes pool and host as they were before the change; each part finds what is left for it to do, so that it can be
    /// repeated. What was leased from the new part meanwhile is waited for, and nothing more is leased there.
    /// </summary>
    private async Task UndoAsync(RunningPoolChange running)
    {
        var change = running.Change;
        await UntilDoneAsync(running, () => BackToAsync(running));
        await UntilDoneAsync(
            running,
            () => backups.RestoreAsync(change.OperationId, change.Replaced, CancellationToken.None)
        );
        running.Run.MarkUndone();
        await UntilDoneAsync(
            running,
            () =>
                running.Run.RolledBackAsync(change.Failure ?? "", new StoreChange.PoolChangeDeleted(change.OperationId))
        );
    }

    private async Task BackToAsync(RunningPoolChange running)
    {
        var change = running.Change;
        if (pools.Find(change.Pool) is { } present)
        {
            await _gates.EnterAsync(change.Pool, change.OperationId, work.Stopping);
            if (!SameAddresses(present, change.Before))
                present = await FreeNewPartAsync(running);
            if (!SameAddresses(present, change.Before))
            {
                var back = Planner(present, change).BackTo(WithoutOwnDrains(change.Before, change));
                networks.Prepare(back);
                await networks.SetAsync(replaced: []);
                await RedefineAsync(back, PoolActionName.Of(PoolAction.Rollback), change);
            }
            else if (OwnDrains(change).Length > 0)
            {
                var undrained = WithoutOwnDrains(present, change) with { Version = present.Version + 1 };
                await RedefineAsync(undrained, PoolActionName.Of(PoolAction.Undrain), change);
            }
        }
        networks.EndPreparation(change.Pool);
        await networks.SetAsync(replaced: []);
    }

    /// <summary>Leases nothing more from what is to go, and waits until nothing is leased there.</summary>
    private async Task<PoolDefinition> FreeNewPartAsync(RunningPoolChange running)
    {
        var change = running.Change;
        var present = pools.Find(change.Pool) ?? throw Gone(change);
        if (planning.LeasesOutside(present, change.Before).Count == 0)
            return present;
        if (OwnDrains(change).Length == 0)
        {
            var marked = Planner(present, change).Draining(PoolStretches.Removed(present, change.Before));
            await RedefineAsync(marked, PoolActionName.Of(PoolAction.Drain), change);
        }
        await WaitForLeasesAsync(running, work.Stopping);
        return pools.Find(change.Pool) ?? throw Gone(change);
    }

    private static bool SameAddresses(PoolDefinition one, PoolDefinition other) =>
        one.Ranges.Count == other.Ranges.Count
        && one.Ranges.Zip(other.Ranges)
            .All(pair =>
                pair.First with { Reservations = pair.Second.Reservations } == pair.Second
                && pair.First.Reservations.SequenceEqual(pair.Second.Reservations)
            );

    private static PoolDefinition WithoutOwnDrains(PoolDefinition pool, PoolChange change) =>
        pool with
        {
            Drains = [.. pool.Drains.Where(d => d.OperationId != change.OperationId)],
        };

    /// <summary>What has to come about whatever happens: repeats it until it does.</summary>
    private async Task UntilDoneAsync(RunningPoolChange running, Func<Task> once)
    {
        while (true)
        {
            try
            {
                await once();
                return;
            }
            catch (Exception failure)
                when (failure is HostNetworkException or StoreException or PoolChangeFailedException or IOException)
            {
                LogTryingAgain(failure, running.Change.Pool, running.Change.OperationId, RetryInterval.TotalSeconds);
                running.Run.Report(running.Run.Current.Progress, $"trying again: {failure.Message}");
            }
            await Task.Delay(RetryInterval, clock, work.Stopping);
        }
    }
}
