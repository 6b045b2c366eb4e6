using MasterController.Contracts;
using MasterController.Dashboard.Sessions;

namespace MasterController.Dashboard.Live;

/// <summary>
/// What one circuit shows of its key's feed. Paused, it stays as it is; what happens meanwhile is counted and comes at
/// once when it goes on.
/// </summary>
internal sealed class LiveView(LiveFeeds feeds, CircuitSession session) : IAsyncDisposable
{
    /// <summary>More events than these are not kept while it is paused: pages then read anew what they show.</summary>
    private const int MostHeld = 1000;

    private readonly Lock _lock = new();
    private readonly Queue<Event> _held = [];
    private string? _key;
    private LiveFeed? _feed;
    private LiveSnapshot _shown = LiveSnapshot.Empty;

    public bool Paused { get; private set; }

    /// <summary>Events that came while it is paused.</summary>
    public int Held { get; private set; }

    /// <summary>That of the moment when it was paused, but for <see cref="LiveSnapshot.Lost"/>, which is always told.</summary>
    public LiveSnapshot Now => Paused ? _shown with { Lost = _feed?.Now.Lost } : _feed?.Now ?? LiveSnapshot.Empty;

    /// <summary>Another snapshot, or another state of the pause. On any thread.</summary>
    public event Action? Changed;

    /// <summary>Events, one by one; none while it is paused. On any thread.</summary>
    public event Action<Event>? Happened;

    /// <summary>Once, when the circuit begins. Without a session there is nothing to hear.</summary>
    public async Task StartAsync()
    {
        if (_feed is not null || await session.KeyAsync() is not { } key)
            return;
        _key = key;
        _feed = feeds.Take(key);
        _feed.Changed += OnChanged;
        _feed.Happened += OnHappened;
    }

    public void Pause()
    {
        lock (_lock)
        {
            _shown = Now;
            Paused = true;
        }
        Changed?.Invoke();
    }

    public void GoOn()
    {
        Event[] held;
        lock (_lock)
        {
            Paused = false;
            held = [.. _held];
            _held.Clear();
            Held = 0;
        }
        foreach (var happened in held)
            Happened?.Invoke(happened);
        Changed?.Invoke();
    }

    public async ValueTask DisposeAsync()
    {
        if (_feed is null)
            return;
        _feed.Changed -= OnChanged;
        _feed.Happened -= OnHappened;
        await feeds.ReturnAsync(_key!);
    }

    private void OnChanged() => Changed?.Invoke();

    private void OnHappened(Event happened)
    {
        lock (_lock)
        {
            if (Paused)
            {
                Held++;
                if (_held.Count == MostHeld)
                    _held.Dequeue();
                _held.Enqueue(happened);
                return;
            }
        }
        Happened?.Invoke(happened);
    }
}
