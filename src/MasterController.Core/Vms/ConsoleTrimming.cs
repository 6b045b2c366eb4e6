namespace MasterController.Core.Vms;

/// <summary>Keeps every console log below the configured size.</summary>
public sealed class ConsoleTrimming(VmLifecycle vms, VmConsole console, BackgroundWork work, TimeProvider clock)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    public void Start() => work.Run("trimming consoles", RunAsync);

    private async Task RunAsync()
    {
        using var timer = new PeriodicTimer(Interval, clock);
        while (await timer.WaitForNextTickAsync(work.Stopping))
        {
            foreach (var vm in vms.All.Where(v => v.Process is not null))
                console.Trim(vm.Id, vms.Settings.ConsoleLimitBytes);
        }
    }
}
