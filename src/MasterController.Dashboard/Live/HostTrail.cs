using MasterController.Contracts;

namespace MasterController.Dashboard.Live;

/// <summary>What the host was like lately, from the snapshots that this circuit was shown: the API keeps none of it.</summary>
internal sealed class HostTrail : IDisposable
{
    /// <summary>Ten minutes where nothing happens, at a reading each five seconds.</summary>
    private const int Most = 120;

    private readonly Lock _lock = new();
    private readonly LiveView _live;
    private readonly Queue<HostInfo> _readings = [];
    private DateTimeOffset _last;

    public HostTrail(LiveView live)
    {
        _live = live;
        _live.Changed += Note;
        Note();
    }

    /// <summary>Oldest first.</summary>
    public IReadOnlyList<HostInfo> Readings
    {
        get
        {
            lock (_lock)
                return [.. _readings];
        }
    }

    public void Dispose() => _live.Changed -= Note;

    private void Note()
    {
        if (_live.Now.Host is not { } host)
            return;
        lock (_lock)
        {
            if (host.Time <= _last)
                return;
            _last = host.Time;
            if (_readings.Count == Most)
                _readings.Dequeue();
            _readings.Enqueue(host);
        }
    }
}
