using MasterController.Core.Store;
using MasterController.Core.Vms;
using Microsoft.Extensions.Logging;

namespace MasterController.Core.AddressHistory;

/// <summary>
/// Forgets, at start and once a day, who had an address, how VMs were reached from outside, what differed in the host
/// network, and who asked for which change, longer ago than is to be remembered.
/// </summary>
public sealed partial class HistoryForgetting(
    IStateStore store,
    BackgroundWork work,
    Func<HistorySettings> settings,
    TimeProvider clock,
    ILogger<HistoryForgetting> logger
)
{
    private static readonly TimeSpan Interval = TimeSpan.FromDays(1);

    /// <summary>What ended in one hour goes in one commit, so that no caller's waits for a whole day's.</summary>
    private static readonly TimeSpan Slice = TimeSpan.FromHours(1);

    public void Start() => work.Run("forgetting old leases", RunAsync);

    private async Task RunAsync()
    {
        using var timer = new PeriodicTimer(Interval, clock);
        do
        {
            await ForgetAsync();
        } while (await timer.WaitForNextTickAsync(work.Stopping));
    }

    private async Task ForgetAsync()
    {
        var end = clock.GetUtcNow() - settings().Keep;
        try
        {
            await ForgetAsync(end, before => new StoreChange.LeaseHistoryForgotten(before));
            await store.CommitAsync(new StoreChange.DriftForgotten(end), new StoreChange.ExternalChangesForgotten(end));
            await ForgetAsync(
                clock.GetUtcNow() - settings().KeepAudit,
                before => new StoreChange.AuditForgotten(before)
            );
        }
        catch (StoreException failure)
        {
            // The next day's round begins with what this one has left.
            LogNotForgotten(failure);
        }
    }

    private async Task ForgetAsync(DateTimeOffset end, Func<DateTimeOffset, StoreChange> forget)
    {
        for (var before = end - Interval; before <= end && !work.Stopping.IsCancellationRequested; before += Slice)
            await store.CommitAsync(forget(before));
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Leases that ended long ago could not be forgotten")]
    private partial void LogNotForgotten(Exception failure);
}
