using System.Diagnostics;
using MasterController.Core.Store;

namespace MasterController.Core.Operations;

/// <summary>
/// One operation under way: named steps, an undo stack, progress. Steps that have to survive a crash are journalled
/// with <c>journalled: true</c>; others are only shown.
/// </summary>
public sealed class OperationRun(OperationJournal journal, string id)
{
    private readonly Stack<(string Step, Func<Task> Undo)> _undo = new();

    public string Id => id;

    /// <summary>The change that stores this operation, for the commit that anchors it.</summary>
    public StoreChange Record => new StoreChange.OperationSaved(Current);

    public Operation Current => journal.Find(id)!;

    /// <summary>Runs a step; once it has begun, <paramref name="undo"/> is on the stack.</summary>
    public async Task StepAsync(
        string name,
        Func<CancellationToken, Task> work,
        Func<Task>? undo,
        CancellationToken cancellationToken,
        bool journalled = false
    )
    {
        cancellationToken.ThrowIfCancellationRequested();
        Mark(name, s => s with { Status = StepStatus.Running, Milliseconds = null });
        var began = journal.Clock.GetTimestamp();
        using var span = OperationTrace.BeginStep(journal.SpanOf(id), name);
        if (undo is not null)
            _undo.Push((name, undo));
        try
        {
            await work(cancellationToken);
        }
        catch (Exception failure)
        {
            span?.SetStatus(ActivityStatusCode.Error, failure.Message);
            Mark(name, s => s with { Status = StepStatus.Failed, Milliseconds = Since(began) });
            throw;
        }
        Mark(name, s => s with { Status = StepStatus.Done, Milliseconds = Since(began) });
        OperationMetrics.StepDone(Current.Kind, name, journal.Clock.GetElapsedTime(began));
        if (journalled)
            await journal.SaveAsync(id);
    }

    /// <summary>Progress 0–1 of the whole, and what is being done just now.</summary>
    public void Report(double progress, string? detail = null) =>
        journal.Update(id, o => o with { Progress = Math.Clamp(progress, 0, 1), Detail = detail });

    /// <summary>What came of it, in words; stored and told with its end.</summary>
    public void Conclude(string result) => journal.Update(id, o => o with { Result = result });

    /// <summary>Undoes what was begun, last first; runs once; every failure is told, none stops the rest.</summary>
    public async Task UndoAsync()
    {
        List<Exception> failures = [];
        while (_undo.TryPop(out var entry))
        {
            try
            {
                await entry.Undo();
                Mark(entry.Step, s => s with { Status = StepStatus.Undone });
            }
            catch (Exception failure)
            {
                failures.Add(failure);
            }
        }
        if (failures.Count > 0)
            throw new AggregateException("undoing left something behind", failures);
    }

    /// <summary>Marks what was begun as undone, where that was not the undo stack's work.</summary>
    public void MarkUndone() =>
        journal.Update(
            id,
            o =>
                o with
                {
                    Steps =
                    [
                        .. o.Steps.Select(s =>
                            s.Status == StepStatus.Pending ? s : s with { Status = StepStatus.Undone }
                        ),
                    ],
                }
        );

    public Task SucceedAsync(params StoreChange[] alongside) =>
        journal.EndAsync(id, OperationStatus.Succeeded, error: null, alongside);

    public Task FailAsync(string error, params StoreChange[] alongside) =>
        journal.EndAsync(id, OperationStatus.Failed, error, alongside);

    public Task RolledBackAsync(string error, params StoreChange[] alongside) =>
        journal.EndAsync(id, OperationStatus.RolledBack, error, alongside);

    /// <summary>To the tenth of a millisecond: more is noise.</summary>
    private double Since(long began) => Math.Round(journal.Clock.GetElapsedTime(began).TotalMilliseconds, 1);

    private void Mark(string name, Func<OperationStep, OperationStep> change)
    {
        var updated = journal.Update(
            id,
            o => o with { Steps = [.. o.Steps.Select(s => s.Name == name ? change(s) : s)] }
        );
        var step = updated.Steps.FirstOrDefault(s => s.Name == name);
        var done = updated.Steps.Count(s => s.Status == StepStatus.Done);
        if (step?.Status == StepStatus.Done)
            journal.Update(id, o => o with { Progress = Math.Max(o.Progress, (double)done / o.Steps.Count) });
        if (step?.Status == StepStatus.Running)
            journal.PublishStep(id, name);
    }
}
