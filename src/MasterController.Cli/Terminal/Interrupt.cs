using System.Runtime.InteropServices;

namespace MasterController.Cli.Terminal;

/// <summary>
/// Ctrl-C (and SIGTERM) for who wants to say something before the end. Until <see cref="Watch"/> is called the kernel's
/// default holds, and so it does for the second Ctrl-C.
/// </summary>
internal sealed class Interrupt : IDisposable
{
    private readonly CancellationTokenSource _source = new();
    private PosixSignalRegistration? _interrupt;
    private PosixSignalRegistration? _terminate;

    public CancellationToken Watch()
    {
        _interrupt ??= PosixSignalRegistration.Create(PosixSignal.SIGINT, OnSignal);
        _terminate ??= PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnSignal);
        return _source.Token;
    }

    /// <summary>As if Ctrl-C had been pressed.</summary>
    public void Trigger() => _source.Cancel();

    public void Dispose()
    {
        _interrupt?.Dispose();
        _terminate?.Dispose();
        _source.Dispose();
    }

    private void OnSignal(PosixSignalContext context)
    {
        context.Cancel = !_source.IsCancellationRequested;
        _source.Cancel();
    }
}
