using System.Globalization;
using Microsoft.Extensions.Hosting.Systemd;

namespace MasterController.Daemon.Hosting;

/// <summary>
/// Tells systemd (sd_notify(3)) when the controller is ready, that it stops, and, for WatchdogSec=, that it is well:
/// a ping is sent only after the store has answered.
/// </summary>
internal sealed partial class ServiceNotifications(
    ISystemdNotifier notifier,
    StoreProbe store,
    TimeProvider clock,
    ILogger<ServiceNotifications> logger
) : BackgroundService, IHostedLifecycleService
{
    /// <summary>How systemd says the interval, in microseconds (sd_watchdog_enabled(3)).</summary>
    private const string IntervalVariable = "WATCHDOG_USEC";

    private static readonly ServiceState Ping = new("WATCHDOG=1");

    /// <summary>Half of what systemd allows, as its manual advises; null where it does not watch.</summary>
    internal static TimeSpan? PingInterval(string? microseconds) =>
        long.TryParse(microseconds, NumberStyles.None, CultureInfo.InvariantCulture, out var allowed) && allowed > 0
            ? TimeSpan.FromMicroseconds(allowed / 2.0)
            : null;

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Registered last, so that this runs when recovery has ended and the API is open.</summary>
    public Task StartedAsync(CancellationToken cancellationToken)
    {
        notifier.Notify(ServiceState.Ready);
        return Task.CompletedTask;
    }

    public Task StoppingAsync(CancellationToken cancellationToken)
    {
        notifier.Notify(ServiceState.Stopping);
        return Task.CompletedTask;
    }

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (PingInterval(Environment.GetEnvironmentVariable(IntervalVariable)) is not { } interval)
            return;
        using var timer = new PeriodicTimer(interval, clock);
        do
        {
            if (await store.AskAsync(stoppingToken) is { } wrong)
                LogUnwell(logger, wrong);
            else
                notifier.Notify(Ping);
        } while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    [LoggerMessage(LogLevel.Error, "no watchdog ping: {Reason}")]
    private static partial void LogUnwell(ILogger logger, string reason);
}
