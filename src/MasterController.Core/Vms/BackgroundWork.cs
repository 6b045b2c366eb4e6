using Microsoft.Extensions.Logging;

namespace MasterController.Core.Vms;

/// <summary>
/// Work that goes on without a caller. None of it is forgotten: what fails is logged, and the controller waits for
/// what is under way before it ends.
/// </summary>
public sealed partial class BackgroundWork(ILogger<BackgroundWork> logger) : IAsyncDisposable
{
    private readonly Lock _lock = new();
    private readonly HashSet<Task> _running = [];
    private readonly CancellationTokenSource _stopping = new();

    /// <summary>Cancelled when the controller ends; what waits for years (a VM's exit) has to heed it.</summary>
    public CancellationToken Stopping => _stopping.Token;

    /// <summary>Starts work; after the controller has begun to end, it does nothing.</summary>
    public void Run(string what, Func<Task> work)
    {
        lock (_lock)
        {
            if (_stopping.IsCancellationRequested)
                return;
            var task = Task.Run(() => GuardAsync(what, work));
            _running.Add(task);
            task.ContinueWith(Forget, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        }
    }

    /// <summary>Ends what waits and gives the rest <paramref name="atMost"/> to come to an end.</summary>
    public async Task StopAsync(TimeSpan atMost, TimeProvider clock)
    {
        Task[] running;
        lock (_lock)
        {
            _stopping.Cancel();
            running = [.. _running];
        }
        try
        {
            await Task.WhenAll(running).WaitAsync(atMost, clock);
        }
        catch (TimeoutException)
        {
            LogLeftBehind(running.Count(t => !t.IsCompleted));
        }
    }

    public ValueTask DisposeAsync()
    {
        _stopping.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task GuardAsync(string what, Func<Task> work)
    {
        try
        {
            await work();
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // The next start takes it up from the store.
        }
        catch (Exception failure)
        {
            LogFailed(failure, what);
        }
    }

    private void Forget(Task task)
    {
        lock (_lock)
            _running.Remove(task);
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "{What} failed")]
    private partial void LogFailed(Exception failure, string what);

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "{Count} tasks were still under way at the end; the next start finishes or undoes them"
    )]
    private partial void LogLeftBehind(int count);
}
