namespace MasterController.Daemon.Access;

/// <summary>Lets so many through at once, and then one each <paramref name="interval"/>.</summary>
internal sealed class TokenBucket(int capacity, TimeSpan interval, TimeProvider clock)
{
    private readonly Lock _lock = new();
    private double _tokens = capacity;
    private long _filledAt = clock.GetTimestamp();

    /// <summary>Whether nothing was taken for so long that it is as a new one.</summary>
    public bool IsFull
    {
        get
        {
            lock (_lock)
            {
                FillLocked();
                return _tokens >= capacity;
            }
        }
    }

    /// <summary>Null where one was let through; else how long it is until the next will be.</summary>
    public TimeSpan? TryTake()
    {
        lock (_lock)
        {
            FillLocked();
            if (_tokens < 1)
                return (1 - _tokens) * interval;
            _tokens--;
            return null;
        }
    }

    private void FillLocked()
    {
        var now = clock.GetTimestamp();
        _tokens = Math.Min(capacity, _tokens + clock.GetElapsedTime(_filledAt, now) / interval);
        _filledAt = now;
    }
}
