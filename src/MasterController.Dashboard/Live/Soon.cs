namespace MasterController.Dashboard.Live;

/// <summary>
/// Runs something a while after it was asked for, once for all that ask meanwhile: a thousand events are one reading.
/// </summary>
/// <param name="run">Must not throw; runs one at a time.</param>
internal sealed class Soon(Func<Task> run, TimeSpan wait, TimeProvider clock, CancellationToken ends)
{
    /// <summary>0: nothing is wanted; 1: a run is under way or near; 2: and another was asked for since it began.</summary>
    private int _state;

    public void Want()
    {
        if (Interlocked.CompareExchange(ref _state, 1, 0) == 0)
            _ = RunAsync();
        else
            Interlocked.CompareExchange(ref _state, 2, 1);
    }

    private async Task RunAsync()
    {
        do
        {
            await Task.Delay(wait, clock, ends).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (ends.IsCancellationRequested)
                return;
            Volatile.Write(ref _state, 1);
            await run();
        } while (Interlocked.CompareExchange(ref _state, 0, 1) == 2);
    }
}
