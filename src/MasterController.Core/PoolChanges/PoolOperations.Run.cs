using MasterController.Core.Access;
using MasterController.Core.Addressing;
using MasterController.Core.HostNetwork;
using MasterController.Core.Store;

namespace MasterController.Core.PoolChanges;

public sealed partial class PoolOperations
{
    private const string NotConfirmed = "not confirmed within";

    private void Go(RunningPoolChange running)
    {
        _running[running.Change.OperationId] = running;
        work.Run($"{running.Run.Current.Kind} {running.Change.Pool}", () => CarryOutAsync(running));
    }

    /// <summary>To its end, whichever that is; when the controller ends, the next start goes on.</summary>
    private async Task CarryOutAsync(RunningPoolChange running)
    {
        // A former controller may have begun it.
        Actor.Become(running.Run.Current.By);
        try
        {
            if (running.Change.Phase == PoolChangePhase.Undoing || !await TryCarryOutAsync(running))
                await UndoAsync(running);
        }
        finally
        {
            _gates.Leave(running.Change.Pool, running.Change.OperationId);
            _running.TryRemove(running.Change.OperationId, out _);
        }
    }

    /// <summary>False when it has to be taken back.</summary>
    private async Task<bool> TryCarryOutAsync(RunningPoolChange running)
    {
        try
        {
            // 3
            if (running.Change.Phase == PoolChangePhase.Marking)
                await MarkAsync(running);
            if (running.Change.Phase == PoolChangePhase.Draining)
                await DrainAsync(running);
            if (running.Change.Request.Action != PoolAction.Drain)
            {
                if (running.Change.Phase == PoolChangePhase.Preparing)
                    await PrepareAndCommitAsync(running);
                if (running.Change.Phase == PoolChangePhase.Committed)
                    await ProveAsync(running);
                if (running.Change.Phase == PoolChangePhase.AwaitingConfirmation)
                    await AwaitConfirmationAsync(running);
                await UntilDoneAsync(running, () => PutBackAsync(running));
                // At once where nobody uses them, so that the pool does not change by itself right after.
                await UntilDoneAsync(running, () => RetireGatewaysAsync(running.Change.Pool));
            }
            await UntilDoneAsync(
                running,
                () => running.Run.SucceedAsync(new StoreChange.PoolChangeDeleted(running.Change.OperationId))
            );
            return true;
        }
        catch (OperationCanceledException) when (work.Stopping.IsCancellationRequested)
        {
            throw;
        }
        catch (OperationCanceledException) when (running.Undrained.IsCancellationRequested)
        {
            var why = pools.Find(running.Change.Pool) is null
                ? Gone(running.Change).Message
                : "its addresses are leased again (undrain)";
            await BeginUndoAsync(running, why);
            return false;
        }
        catch (Exception failure)
        {
            LogFailed(failure, running.Change.Pool, running.Change.OperationId);
            await BeginUndoAsync(running, failure.Message);
            return false;
        }
    }

    private async Task PrepareAndCommitAsync(RunningPoolChange running)
    {
        var run = running.Run;
        var change = running.Change;
        if (change.Request.Action != PoolAction.Undrain)
        {
            // 4
            await run.StepAsync(
                PoolChangeSteps.BackUp,
                async token =>
                {
                    await backups.WriteAsync(change, token);
                    var answered = await proof.AnsweringAsync(change.Pool, token);
                    await SaveAsync(running, change with { Answered = answered });
                },
                undo: null,
                work.Stopping,
                journalled: true
            );
            // 5
            await run.StepAsync(
                PoolChangeSteps.Gateways,
                _ =>
                {
                    networks.PrepareGateways(change.After);
                    return networks.SetAsync(replaced: []);
                },
                undo: null,
                work.Stopping,
                journalled: true
            );
            // 6
            await run.StepAsync(
                PoolChangeSteps.Network,
                _ =>
                {
                    networks.Prepare(change.After);
                    return networks.SetAsync(change.Replaced);
                },
                undo: null,
                work.Stopping,
                journalled: true
            );
        }
        // 7
        await run.StepAsync(
            PoolChangeSteps.Commit,
            _ => CommitAsync(running),
            undo: null,
            work.Stopping,
            journalled: true
        );
    }

    private async Task CommitAsync(RunningPoolChange running)
    {
        var change = running.Change;
        var now = clock.GetUtcNow();
        // Those that this change replaces are replaced now, and not when it was planned.
        var after = change.After with
        {
            KeptGateways =
            [
                .. change.After.KeptGateways.Select(k =>
                    change.Before.KeptGateways.Contains(k) ? k : k with { Since = now }
                ),
            ],
        };
        var committed = change with { After = after, Phase = PoolChangePhase.Committed };
        await RedefineAsync(after, PoolActionName.Of(change.Request.Action), committed);
        running.Change = committed;
        EndDrains(after);
        networks.EndPreparation(change.Pool);
        await networks.SetAsync(replaced: []);
    }

    private async Task ProveAsync(RunningPoolChange running)
    {
        // 8
        if (running.Change.Request.Action != PoolAction.Undrain)
            await running.Run.StepAsync(
                PoolChangeSteps.Prove,
                async token => running.Run.Conclude(await proof.ProveAsync(running.Change, token)),
                undo: null,
                work.Stopping,
                journalled: true
            );
        if (running.Change.ConfirmWithin is not { } within)
            return;
        var by = clock.GetUtcNow() + within;
        await SaveAsync(running, running.Change with { Phase = PoolChangePhase.AwaitingConfirmation, ConfirmBy = by });
        events.Publish(
            "pool.awaits-confirmation",
            running.Change.Pool,
            $"{running.Change.OperationId} is rolled back unless it is confirmed by {by:O}"
        );
    }

    /// <summary>9</summary>
    private Task AwaitConfirmationAsync(RunningPoolChange running) =>
        running.Run.StepAsync(
            PoolChangeSteps.Confirm,
            async token =>
            {
                var change = running.Change;
                running.Run.Report(
                    running.Run.Current.Progress,
                    $"rolled back unless confirmed by {change.ConfirmBy:O}"
                );
                var left = change.ConfirmBy!.Value - clock.GetUtcNow();
                var time = left > TimeSpan.Zero ? Task.Delay(left, clock, token) : Task.CompletedTask;
                await Task.WhenAny(running.Confirmation, time);
                token.ThrowIfCancellationRequested();
                if (running.TryExpire())
                    throw new PoolChangeFailedException(
                        $"{NotConfirmed} {change.ConfirmWithin!.Value.TotalSeconds:0} s"
                    );
            },
            undo: null,
            work.Stopping
        );

    /// <summary>10: last of all, so that nothing of it ever has to be taken back.</summary>
    private async Task PutBackAsync(RunningPoolChange running)
    {
        if (running.Change.PutsBack.Count == 0)
            return;
        await running.Run.StepAsync(
            PoolChangeSteps.PutBack,
            async token =>
            {
                foreach (var operationId in running.Change.PutsBack)
                    await backups.RestoreAsync(operationId, backups.ReplacedBy(operationId), token);
            },
            undo: null,
            work.Stopping
        );
    }

    /// <summary>The pool and how far the change has come, in one commit.</summary>
    private async Task RedefineAsync(PoolDefinition next, string action, PoolChange progress)
    {
        var outcome = await pools.RedefineAsync(
            next,
            action,
            progress.OperationId,
            [new StoreChange.PoolChangeSaved(progress)],
            CancellationToken.None
        );
        if (outcome is not PoolOutcome.Done)
            throw Refused(outcome);
    }

    private async Task SaveAsync(RunningPoolChange running, PoolChange change)
    {
        await store.CommitAsync(new StoreChange.PoolChangeSaved(change));
        running.Change = change;
    }

    private PoolPlanner Planner(PoolDefinition pool, PoolChange change) =>
        new(pool, versions: [], clock.GetUtcNow(), change.OperationId);

    private static PoolChangeFailedException Gone(PoolChange change) => new($"the pool {change.Pool} was deleted");

    private static PoolChangeFailedException Refused(PoolOutcome outcome) => new(PoolRefusal.InWords(outcome));
}
