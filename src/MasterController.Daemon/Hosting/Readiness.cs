namespace MasterController.Daemon.Hosting;

/// <summary>
/// How far the start is. Nothing is leased or changed before <see cref="Recovered"/>: an address that a running VM
/// has must not be given away because the store was not read yet.
/// </summary>
public sealed class Readiness
{
    private readonly Lock _lock = new();
    private string? _recovering = "the controller is starting";
    private string? _network;

    public bool Recovered
    {
        get
        {
            lock (_lock)
                return _recovering is null;
        }
    }

    /// <summary>What is missing; null when all is well.</summary>
    public string? Reason
    {
        get
        {
            lock (_lock)
                return _recovering ?? _network;
        }
    }

    /// <param name="step">For a person: "reading the store".</param>
    public void Recovering(string step)
    {
        lock (_lock)
            _recovering = $"recovery is under way: {step}";
    }

    public void RecoveryEnded()
    {
        lock (_lock)
            _recovering = null;
    }

    public void NetworkApplied()
    {
        lock (_lock)
            _network = null;
    }

    public void NetworkFailed(string reason)
    {
        lock (_lock)
            _network = $"the host network is not as it should be: {reason}";
    }
}
