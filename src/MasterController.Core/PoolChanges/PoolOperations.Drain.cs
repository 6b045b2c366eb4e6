using MasterController.Core.Addressing;

namespace MasterController.Core.PoolChanges;

/// <summary>3: changes that wait for the leases which stand in their way.</summary>
public sealed partial class PoolOperations
{
    private static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(1);

    private async Task MarkAsync(RunningPoolChange running)
    {
        var change = running.Change;
        var before = pools.Find(change.Pool) ?? throw Gone(change);
        var stretches =
            change.Request.Action == PoolAction.Drain
                ? change.After.Drains.Except(before.Drains).Select(d => new AddressStretch(d.First, d.Last))
                : PoolStretches.Removed(before, change.After);
        var marked = Planner(before, change).Draining(stretches);
        var draining = change with { Phase = PoolChangePhase.Draining };
        await RedefineAsync(marked, PoolActionName.Of(PoolAction.Drain), draining);
        running.Change = draining;
    }

    /// <summary>Others may change the pool meanwhile, so what this one leads to is worked out anew afterwards.</summary>
    private async Task DrainAsync(RunningPoolChange running)
    {
        var change = running.Change;
        _gates.Leave(change.Pool, change.OperationId);
        await running.Run.StepAsync(
            PoolChangeSteps.Drain,
            token => WaitForLeasesAsync(running, token),
            undo: null,
            work.Stopping
        );
        if (change.Request.Action == PoolAction.Drain)
        {
            running.Run.Conclude($"nothing is leased from {change.Request.Cidr} any more");
            return;
        }
        await _gates.EnterAsync(change.Pool, change.OperationId, work.Stopping);
        var before = pools.Find(change.Pool) ?? throw Gone(change);
        var (outcome, _) = await planning.RedefineAsync(before, change.Request, change.OperationId, work.Stopping);
        var after = outcome is PoolOutcome.Done done ? done.Pool : throw Refused(outcome);
        await SaveAsync(running, change with { Before = before, After = after, Phase = PoolChangePhase.Preparing });
    }

    private async Task WaitForLeasesAsync(RunningPoolChange running, CancellationToken stopping)
    {
        var change = running.Change;
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stopping, running.Undrained.Token);
        try
        {
            var unused = Task.WhenAll(
                OwnDrains(change).Select(d => pools.WaitUntilUnusedAsync(change.Pool, d.First, d.Last, either.Token))
            );
            do
            {
                var own = OwnDrains(change);
                if (own.Length == 0)
                    await running.Undrained.CancelAsync();
                either.Token.ThrowIfCancellationRequested();
                var left = own.Sum(d => (long)pools.LeasesIn(change.Pool, d.First, d.Last).Count);
                running.Run.Report(running.Run.Current.Progress, $"{left} leases left");
                await Task.WhenAny(unused, Task.Delay(LookInterval, clock, either.Token));
            } while (!unused.IsCompleted);
            await unused;
        }
        finally
        {
            await either.CancelAsync();
        }
    }

    /// <summary>Tells those that wait for leases which are not kept from being leased any longer.</summary>
    private void EndDrains(PoolDefinition definition)
    {
        foreach (var other in _running.Values)
        {
            if (
                other.Change.Pool == definition.Name
                && other.Change.Phase == PoolChangePhase.Draining
                && definition.Drains.All(d => d.OperationId != other.Change.OperationId)
            )
                other.Undrained.Cancel();
        }
    }

    private Drain[] OwnDrains(PoolChange change) =>
        [.. pools.Find(change.Pool)?.Drains.Where(d => d.OperationId == change.OperationId) ?? []];
}
