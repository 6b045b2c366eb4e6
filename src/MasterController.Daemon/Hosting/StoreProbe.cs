using MasterController.Core.Store;

namespace MasterController.Daemon.Hosting;

/// <summary>Asks whether the store still makes things durable; readiness and the watchdog stand on it.</summary>
public sealed class StoreProbe(IStateStore store, TimeProvider clock)
{
    private static readonly TimeSpan AtMost = TimeSpan.FromSeconds(5);

    /// <summary>What is wrong; null when the store answers.</summary>
    public async Task<string?> AskAsync(CancellationToken cancellationToken)
    {
        try
        {
            await store.CommitAsync().WaitAsync(AtMost, clock, cancellationToken);
            return null;
        }
        catch (StoreException failure)
        {
            return $"the store does not answer: {failure.Message}";
        }
        catch (TimeoutException)
        {
            return $"the store has not answered for {AtMost.TotalSeconds} s";
        }
    }
}
