using System.Runtime.InteropServices;
using MasterController.Core.Vms;

namespace MasterController.Daemon.Hosting;

/// <summary>SIGHUP reads the configuration again.</summary>
internal sealed class ReloadOnHangup(LiveSettings settings, VmLifecycle vms, ILogger<LiveSettings> logger)
    : IHostedService,
        IDisposable
{
    private PosixSignalRegistration? _registration;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _registration = PosixSignalRegistration.Create(
            PosixSignal.SIGHUP,
            signal =>
            {
                // Without this the signal would end the process.
                signal.Cancel = true;
                settings.Reload(logger);
                vms.FollowTypes();
            }
        );
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose() => _registration?.Dispose();
}
