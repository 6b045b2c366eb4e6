using System.Collections.Concurrent;
using System.Diagnostics;
using System.Security.Cryptography;
using MasterController.Core.Access;
using MasterController.Core.Events;
using MasterController.Core.Store;

namespace MasterController.Core.Operations;

/// <summary>Knows every operation, running and recently ended, and keeps them in the store.</summary>
public sealed class OperationJournal(IStateStore store, EventHub events, TimeProvider clock)
{
    /// <summary>Ended operations beyond this many are forgotten, oldest first.</summary>
    public const int Remembered = 1000;

    private readonly ConcurrentDictionary<string, Entry> _entries = new();
    private readonly ConcurrentQueue<string> _ended = new();

    /// <summary>
    /// Takes over what the store knows. Operations that were running when the controller died stay "running" until
    /// whoever owns their kind resumes them or calls <see cref="EndAsync"/>.
    /// </summary>
    public void Load(StoreSnapshot snapshot)
    {
        foreach (var operation in snapshot.Operations.OrderBy(o => o.StartedAt))
        {
            var entry = new Entry(operation);
            _entries[operation.Id] = entry;
            if (operation.Status != OperationStatus.Running)
            {
                entry.Ended.TrySetResult(operation);
                _ended.Enqueue(operation.Id);
            }
        }
    }

    /// <summary>Newest first.</summary>
    public IReadOnlyList<Operation> List() =>
        [.. _entries.Values.Select(e => e.Current).OrderByDescending(o => o.StartedAt).ThenByDescending(o => o.Id)];

    public Operation? Find(string id) => _entries.TryGetValue(id, out var entry) ? entry.Current : null;

    public Operation? FindRunning(string kind, string subject) =>
        _entries
            .Values.Select(e => e.Current)
            .FirstOrDefault(o => o.Status == OperationStatus.Running && o.Kind == kind && o.Subject == subject);

    /// <summary>The operation when it has ended; null where there is none of that id.</summary>
    public async Task<Operation?> WaitAsync(string id, CancellationToken cancellationToken) =>
        _entries.TryGetValue(id, out var entry) ? await entry.Ended.Task.WaitAsync(cancellationToken) : null;

    /// <summary>Opens an operation that is not stored yet; <see cref="OperationRun.Record"/> goes into a commit.</summary>
    public OperationRun Begin(string kind, string subject, params IReadOnlyList<string> steps)
    {
        var operation = new Operation(
            $"op-{RandomNumberGenerator.GetHexString(12, lowercase: true)}",
            kind,
            subject,
            OperationStatus.Running,
            [.. steps.Select(s => new OperationStep(s, StepStatus.Pending))],
            Progress: 0,
            Detail: null,
            Error: null,
            clock.GetUtcNow(),
            EndedAt: null,
            By: Actor.Current
        );
        Actor.Began(operation.Id);
        _entries[operation.Id] = new Entry(operation) { Span = OperationTrace.Begin(operation) };
        events.Publish("operation.started", operation.Id, $"{kind} {subject}");
        return new OperationRun(this, operation.Id);
    }

    /// <summary>Takes up an operation that a former controller left running.</summary>
    public OperationRun Resume(Operation operation)
    {
        if (_entries.TryGetValue(operation.Id, out var entry))
            entry.Span ??= OperationTrace.Begin(operation);
        return new(this, operation.Id);
    }

    /// <summary>Drops an operation that was refused before it was stored.</summary>
    public void Abandon(OperationRun run)
    {
        if (_entries.TryRemove(run.Id, out var entry))
            OperationTrace.Drop(entry.Span);
    }

    /// <summary>Ends an operation; <paramref name="alongside"/> goes into the same commit.</summary>
    public async Task EndAsync(string id, OperationStatus status, string? error, params StoreChange[] alongside)
    {
        var ended = Update(
            id,
            o =>
                o with
                {
                    Status = status,
                    Error = error,
                    Detail = null,
                    Progress = status == OperationStatus.Succeeded ? 1 : o.Progress,
                    EndedAt = clock.GetUtcNow(),
                }
        );
        _ended.Enqueue(id);
        List<StoreChange> changes = [.. alongside, new StoreChange.OperationSaved(ended)];
        while (_ended.Count > Remembered && _ended.TryDequeue(out var oldest))
        {
            _entries.TryRemove(oldest, out _);
            changes.Add(new StoreChange.OperationDeleted(oldest));
        }
        try
        {
            await store.CommitAsync([.. changes]);
        }
        finally
        {
            if (_entries.TryGetValue(id, out var entry))
            {
                OperationTrace.End(entry.Span, ended);
                entry.Ended.TrySetResult(ended);
            }
            OperationMetrics.Ended(ended);
            events.Publish(
                $"operation.{StatusName(status)}",
                id,
                error is null ? $"{ended.Kind} {ended.Subject}" : $"{ended.Kind} {ended.Subject}: {error}"
            );
        }
    }

    internal TimeProvider Clock => clock;

    internal Operation Update(string id, Func<Operation, Operation> change)
    {
        var entry = _entries[id];
        lock (entry)
            return entry.Current = change(entry.Current);
    }

    /// <summary>The span of an operation; null where nobody traces.</summary>
    internal Activity? SpanOf(string id) => _entries.TryGetValue(id, out var entry) ? entry.Span : null;

    internal void PublishStep(string id, string step) => events.Publish("operation.step", id, step);

    internal Task SaveAsync(string id) => store.CommitAsync(new StoreChange.OperationSaved(_entries[id].Current));

    internal static string StatusName(OperationStatus status) =>
        status switch
        {
            OperationStatus.Running => "running",
            OperationStatus.Succeeded => "succeeded",
            OperationStatus.Failed => "failed",
            _ => "rolled-back",
        };

    private sealed class Entry(Operation operation)
    {
        public Operation Current { get; set; } = operation;

        public Activity? Span { get; set; }

        public TaskCompletionSource<Operation> Ended { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
