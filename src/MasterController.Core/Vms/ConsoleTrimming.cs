using Microsoft.Extensions.Logging;

namespace MasterController.Core.Vms;

/// <summary>Keeps every console log below the configured size.</summary>
public sealed partial class ConsoleTrimming(
    VmLifecycle vms,
    VmConsole console,
    BackgroundWork work,
    TimeProvider clock,
    ILogger<ConsoleTrimming> logger
)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    public void Start() => work.Run("trimming consoles", RunAsync);

    private async Task RunAsync()
    {
        using var timer = new PeriodicTimer(Interval, clock);
        while (await timer.WaitForNextTickAsync(work.Stopping))
        {
            foreach (var vm in vms.All.Where(v => v.Process is not null))
                Trim(vm.Id);
        }
    }

    /// <summary>What one VM's process put in its console's place must not keep the others' from being trimmed.</summary>
    private void Trim(string vmId)
    {
        try
        {
            console.Trim(vmId, vms.Settings.ConsoleLimitBytes);
        }
        catch (IOException failure)
        {
            LogNotTrimmed(failure, vmId);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The console of {VmId} cannot be trimmed")]
    private partial void LogNotTrimmed(Exception failure, string vmId);
}
