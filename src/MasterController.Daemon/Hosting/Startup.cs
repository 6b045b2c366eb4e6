using MasterController.Core.AddressHistory;
using MasterController.Core.HostNetwork.Drift;
using MasterController.Core.HostNetwork.Survey;
using MasterController.Core.Quotas;
using MasterController.Core.Recovery;
using MasterController.Core.Store;
using MasterController.Core.Vms;
using MasterController.Core.WebHooks;
using MasterController.Daemon.Configuration;

namespace MasterController.Daemon.Hosting;

/// <summary>The controller could not start; the message is for the operator.</summary>
public sealed class StartupException(string message) : Exception(message);

/// <summary>
/// What happens between listening and ready, and when the controller is told to end. The API answers while recovery
/// is under way: with how far it is. VMs are left running at the end.
/// </summary>
internal sealed partial class Startup(
    ControllerRecovery recovery,
    QuotaLedger quotas,
    WebHookDirectory webHooks,
    IStateHistory history,
    HistoryForgetting forgetting,
    NetworkReconciler reconciler,
    LimitCheck limits,
    BackgroundWork work,
    ControllerSettings settings,
    Readiness readiness,
    TimeProvider clock,
    ILogger<Startup> logger
) : IHostedLifecycleService
{
    /// <summary>What is under way gets this long; the next start finishes or undoes the rest.</summary>
    private static readonly TimeSpan WorkTimeout = TimeSpan.FromSeconds(8);

    /// <summary>Runs when Kestrel listens, and before the host says that it has started.</summary>
    public async Task StartedAsync(CancellationToken cancellationToken)
    {
        var began = clock.GetTimestamp();
        await quotas.LoadAsync(history, cancellationToken);
        await recovery.RunAsync(settings.DefaultPool, readiness.Recovering, cancellationToken);
        await webHooks.LoadAsync(history, cancellationToken);
        forgetting.Start();
        readiness.NetworkApplied();
        readiness.RecoveryEnded();
        work.Run("comparing the kernel's limits with the pools", () => limits.RunAsync(work.Stopping));
        reconciler.Start();
        LogReady(logger, clock.GetElapsedTime(began).TotalMilliseconds);
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>No request is answered any more, so nothing new begins.</summary>
    public Task StoppedAsync(CancellationToken cancellationToken) => work.StopAsync(WorkTimeout, clock);

    [LoggerMessage(LogLevel.Information, "ready after {Milliseconds:F0} ms")]
    private static partial void LogReady(ILogger logger, double milliseconds);
}
