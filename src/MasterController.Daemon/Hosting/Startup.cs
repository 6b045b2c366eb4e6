using MasterController.Core.Addressing;
using MasterController.Core.Operations;
using MasterController.Core.Store;
using MasterController.Daemon.Configuration;

namespace MasterController.Daemon.Hosting;

/// <summary>The controller could not start; the message is for the operator.</summary>
public sealed class StartupException(string message) : Exception(message);

/// <summary>
/// What happens between listening and ready. The API answers meanwhile: with how far this is.
/// 1 read the store; 2 take over pools and operations; 3 make the default pool, if there is none.
/// </summary>
internal sealed partial class Startup(
    IStateStore store,
    PoolDirectory pools,
    OperationJournal journal,
    ControllerSettings settings,
    Readiness readiness,
    TimeProvider clock,
    ILogger<Startup> logger
) : IHostedLifecycleService
{
    /// <summary>Runs when Kestrel listens, and before the host says that it has started.</summary>
    public async Task StartedAsync(CancellationToken cancellationToken)
    {
        var began = clock.GetTimestamp();

        // 1 read the store
        readiness.Recovering("reading the store");
        var snapshot = await store.LoadAsync(cancellationToken);

        // 2 take over pools and operations
        pools.Load(snapshot);
        journal.Load(snapshot);

        // 3 make the default pool, if there is none
        if (pools.Find(ControllerSettings.DefaultPoolName) is null)
            await CreateDefaultPoolAsync(cancellationToken);

        readiness.NetworkApplied();
        readiness.RecoveryEnded();
        LogReady(logger, snapshot.Vms.Count, snapshot.Leases.Count, clock.GetElapsedTime(began).TotalMilliseconds);
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private async Task CreateDefaultPoolAsync(CancellationToken cancellationToken)
    {
        var outcome = await pools.CreateAsync(settings.DefaultPool, cancellationToken);
        var refusal = outcome switch
        {
            PoolOutcome.Done => null,
            PoolOutcome.Invalid invalid => string.Join(
                "; ",
                invalid.Errors.Select(e => $"{e.Key}: {string.Join(", ", e.Value)}")
            ),
            PoolOutcome.Overlap overlap =>
                $"{overlap.Wanted} overlaps with {overlap.Other} of the pool \"{overlap.OtherPool}\"",
            _ => outcome.ToString(),
        };
        if (refusal is not null)
            throw new StartupException($"the pool \"default\" cannot be made from pool.default.*: {refusal}");
    }

    [LoggerMessage(LogLevel.Information, "ready: {Vms} VMs and {Leases} leases recovered in {Milliseconds:F0} ms")]
    private static partial void LogReady(ILogger logger, int vms, int leases, double milliseconds);
}
