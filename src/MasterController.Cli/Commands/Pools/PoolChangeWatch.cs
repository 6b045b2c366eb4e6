using MasterController.Cli.Terminal;
using MasterController.Contracts;

namespace MasterController.Cli.Commands.Pools;

/// <summary>Looks at the pool while an operation changes it: what the operation itself does not say.</summary>
/// <param name="untilBegun">Enough has been seen when the pool drains.</param>
internal sealed class PoolChangeWatch(Session session, string pool, bool untilBegun)
{
    private bool _saidLeft;

    /// <summary>Leases that the change waits for; null where it has not begun to.</summary>
    public long? Left { get; private set; }

    /// <summary>Whether it has been applied and proven, and is rolled back unless it is confirmed.</summary>
    public bool AwaitsConfirmation { get; private set; }

    /// <summary>
    /// When it surely did not await confirmation yet: the time to confirm counts from then or later, so that nobody is
    /// told a later end than the true one.
    /// </summary>
    public DateTimeOffset NotAwaitingAt { get; private set; } = session.Terminal.Time.GetUtcNow();

    public async Task<(Operation Shown, bool Enough)> LookAsync(Operation operation, CancellationToken cancel)
    {
        var terminal = session.Terminal;
        var asked = terminal.Time.GetUtcNow();
        var now = await session.Api.GetPoolAsync(pool, cancel);
        AwaitsConfirmation = now.AwaitsConfirmation == operation.Id;
        if (!AwaitsConfirmation)
        {
            NotAwaitingAt = asked;
        }

        var drains = now.Drains.Where(drain => drain.Operation == operation.Id).ToArray();
        Left = drains.Length > 0 ? drains.Sum(drain => drain.Left) : null;
        if (Left is not > 0)
        {
            return (operation, AwaitsConfirmation || (untilBegun && Left is not null));
        }

        if (!_saidLeft && !terminal.Watched)
        {
            terminal.Err.WriteLine($"waiting for the end of {Readable.Plural(Left.Value, "lease")}");
            _saidLeft = true;
        }

        var shown = $"{Readable.Plural(Left.Value, "lease")} left; Ctrl-C leaves it going on";
        return (operation with { Detail = shown }, AwaitsConfirmation || untilBegun);
    }
}
