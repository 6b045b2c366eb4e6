using System.Runtime.InteropServices;

namespace MasterController.Daemon.Hosting;

/// <summary>SIGHUP reads the configuration again.</summary>
internal sealed class ReloadOnHangup(LiveSettings settings, ILogger<LiveSettings> logger) : IHostedService, IDisposable
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
            }
        );
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose() => _registration?.Dispose();
}
