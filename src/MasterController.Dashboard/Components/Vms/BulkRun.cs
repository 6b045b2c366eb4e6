using System.Collections.Concurrent;
using MasterController.Dashboard.Api;

namespace MasterController.Dashboard.Components.Vms;

/// <summary>One call for each of many, a few at a time, with what failed by name. It does not end at a failure.</summary>
internal sealed class BulkRun(IReadOnlyList<(string Id, string Name)> items, Func<string, CancellationToken, Task> call)
{
    private const int AtATime = 4;

    private readonly ConcurrentQueue<(string Name, Exception Error)> _failures = new();
    private int _done;

    public int Total => items.Count;

    /// <summary>Ended, failures among them.</summary>
    public int Done => Volatile.Read(ref _done);

    public IReadOnlyList<(string Name, Exception Error)> Failures => [.. _failures];

    public int Succeeded => Done - _failures.Count;

    /// <summary>On any thread, after each.</summary>
    public event Action? Progressed;

    /// <summary>Those that were begun are ended when it is cancelled; no more are begun.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            await Parallel.ForEachAsync(
                items,
                new ParallelOptions { MaxDegreeOfParallelism = AtATime, CancellationToken = cancellationToken },
                async (item, _) =>
                {
                    if (await Refusal.OfAsync(() => call(item.Id, CancellationToken.None)) is { } refused)
                        _failures.Enqueue((item.Name, refused));
                    Interlocked.Increment(ref _done);
                    Progressed?.Invoke();
                }
            );
        }
        catch (OperationCanceledException)
        {
            // Whoever cancelled sees how far it came.
        }
    }
}
