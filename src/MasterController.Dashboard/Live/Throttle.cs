namespace MasterController.Dashboard.Live;

/// <summary>
/// Work that is wanted often and done seldom: a while after the first wish, once for all that came until then, and never
/// twice at a time.
/// </summary>
internal sealed class Throttle(TimeSpan after, Func<Task> work, CancellationToken ends)
{
    private const int Idle = 0;
    private const int Waiting = 1;
    private const int Working = 2;
    private const int Again = 3;

    private int _state;

    public void Want()
    {
        if (Interlocked.CompareExchange(ref _state, Waiting, Idle) == Idle)
            _ = RunAsync();
        else
            Interlocked.CompareExchange(ref _state, Again, Working);
    }

    private async Task RunAsync()
    {
        do
        {
            Volatile.Write(ref _state, Waiting);
            // In the context of whoever wanted it first: a component's work has to be done in the component's.
            await Task.Delay(after, ends)
                .ConfigureAwait(
                    ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext
                );
            if (ends.IsCancellationRequested)
                return;
            Volatile.Write(ref _state, Working);
            await work();
        } while (Interlocked.CompareExchange(ref _state, Idle, Working) != Working);
    }
}
