using MasterController.Core.Store;
using Microsoft.Extensions.Logging;

namespace MasterController.Core.Events;

/// <summary>
/// Stores events behind the back of whoever publishes them: nobody waits for it, many share a commit, and one that
/// cannot be stored has still been told to whoever watched. After a crash what was published in the last instants is
/// missing; ids then go on behind a leap that is wider than what may be missing.
/// </summary>
public sealed partial class EventJournal : IAsyncDisposable
{
    /// <summary>Beyond so many that wait for the store, events are not stored.</summary>
    internal const int MostWaiting = 65_536;

    internal const int MostStored = 1_000_000;

    /// <summary>How far ids leap at a start, so that none is given twice.</summary>
    internal const long Leap = 100_000;

    /// <summary>Bounds how long others' commits wait behind one of events.</summary>
    private const int PerCommit = 500;

    private const int ForgottenPerCommit = 2_000;
    private const int ForgetAfter = 50_000;

    private static readonly TimeSpan Gather = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan ForgetInterval = TimeSpan.FromHours(1);

    private readonly IStateStore _store;
    private readonly IStateHistory _history;
    private readonly Func<EventSettings> _settings;
    private readonly TimeProvider _clock;
    private readonly ILogger<EventJournal> _logger;
    private readonly Lock _lock = new();
    private readonly Queue<ControllerEvent> _waiting = new();
    private readonly List<(long UpTo, TaskCompletionSource Done)> _flushes = [];
    private readonly SemaphoreSlim _work = new(0);
    private readonly ITimer _forgetTimer;
    private readonly Task _loop;
    private TaskCompletionSource _hurry = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _added;
    private long _done;
    private long _lost;
    private bool _isFailing;
    private bool _isForgettingDue = true;
    private bool _isClosing;
    private int _sinceForgetting;

    private EventJournal(
        IStateStore store,
        IStateHistory history,
        Func<EventSettings> settings,
        TimeProvider clock,
        ILogger<EventJournal> logger
    )
    {
        (_store, _history, _settings, _clock, _logger) = (store, history, settings, clock, logger);
        _forgetTimer = clock.CreateTimer(_ => DueToForget(), state: null, TimeSpan.Zero, ForgetInterval);
        _loop = Task.Run(RunAsync);
    }

    /// <summary>Events that were published and not stored, since the controller has started.</summary>
    public long Lost
    {
        get
        {
            lock (_lock)
                return _lost;
        }
    }

    /// <summary>Lets ids go on where they were, and stores what is published from now on.</summary>
    /// <exception cref="StoreUnusableException">The stored events cannot be read.</exception>
    public static async Task<EventJournal> OpenAsync(
        IStateStore store,
        IStateHistory history,
        EventHub events,
        Func<EventSettings> settings,
        TimeProvider clock,
        ILogger<EventJournal> logger
    )
    {
        var newest = await history.FindEventsAsync(new EventFilter(), before: null, most: 1, CancellationToken.None);
        var journal = new EventJournal(store, history, settings, clock, logger);
        var stored = newest.Count > 0 ? newest[0].Id : 0;
        events.Continue(journal, stored, stored == 0 ? 0 : stored + Leap);
        return journal;
    }

    /// <summary>When this ends, what was published before is in the store, or was lost.</summary>
    public async Task FlushAsync(CancellationToken cancellationToken)
    {
        Task done;
        lock (_lock)
        {
            if (_done == _added || _isClosing)
                return;
            var flush = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _flushes.Add((_added, flush));
            done = flush.Task;
            _hurry.TrySetResult();
        }
        await done.WaitAsync(cancellationToken);
    }

    /// <summary>Stores what waits, as far as the store takes it.</summary>
    public async ValueTask DisposeAsync()
    {
        await _forgetTimer.DisposeAsync();
        lock (_lock)
        {
            _isClosing = true;
            _hurry.TrySetResult();
        }
        _work.Release();
        await _loop;
        _work.Dispose();
    }

    /// <summary>In the order of their ids; does not wait.</summary>
    internal void Add(ControllerEvent happened)
    {
        lock (_lock)
        {
            if (_waiting.Count == MostWaiting || _isClosing)
            {
                _lost++;
                return;
            }
            _added++;
            _waiting.Enqueue(happened);
            if (_waiting.Count == 1)
                _work.Release();
            else if (_waiting.Count == PerCommit)
                _hurry.TrySetResult();
        }
    }

    internal Task<IReadOnlyList<ControllerEvent>> ReadAsync(
        long after,
        int most,
        CancellationToken cancellationToken
    ) => _history.ReadEventsAsync(after, most, cancellationToken);

    private void DueToForget()
    {
        lock (_lock)
        {
            if (_isClosing)
                return;
            _isForgettingDue = true;
            _work.Release();
        }
    }

    private async Task RunAsync()
    {
        while (true)
        {
            await _work.WaitAsync();
            await Task.WhenAny(Task.Delay(Gather, _clock), _hurry.Task);
            while (Take() is { Length: > 0 } batch)
                await StoreAsync(batch);
            lock (_lock)
            {
                if (_isClosing)
                    return;
            }
            if (_isForgettingDue || _sinceForgetting >= ForgetAfter)
                await ForgetAsync();
        }
    }

    private ControllerEvent[] Take()
    {
        lock (_lock)
        {
            if (_waiting.Count == 0 && !_isClosing)
                _hurry = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            var batch = new ControllerEvent[Math.Min(PerCommit, _waiting.Count)];
            for (var i = 0; i < batch.Length; i++)
                batch[i] = _waiting.Dequeue();
            return batch;
        }
    }

    private async Task StoreAsync(ControllerEvent[] batch)
    {
        try
        {
            await _store.CommitAsync(new StoreChange.EventsSaved(batch));
            _sinceForgetting += batch.Length;
            if (_isFailing)
                LogStoredAgain(Lost);
            _isFailing = false;
        }
        catch (StoreException failure)
        {
            lock (_lock)
                _lost += batch.Length;
            if (!_isFailing)
                LogNotStored(failure);
            _isFailing = true;
        }
        lock (_lock)
        {
            _done += batch.Length;
            foreach (var (_, flush) in _flushes.Where(f => f.UpTo <= _done))
                flush.SetResult();
            _flushes.RemoveAll(f => f.UpTo <= _done);
        }
    }

    private async Task ForgetAsync()
    {
        (_isForgettingDue, _sinceForgetting) = (false, 0);
        try
        {
            var bounds = await _history.ReadEventBoundsAsync(
                _clock.GetUtcNow() - _settings().Keep,
                MostStored - ForgetAfter - PerCommit,
                CancellationToken.None
            );
            var next = bounds.Oldest;
            while (next < bounds.FirstKept && !_isClosing)
            {
                next = Math.Min(next + ForgottenPerCommit, bounds.FirstKept);
                await _store.CommitAsync(new StoreChange.EventsForgotten(next));
            }
        }
        catch (Exception failure) when (failure is StoreException or StoreUnusableException)
        {
            // The next round begins with what this one has left.
            LogNotForgotten(failure);
        }
    }

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "Events cannot be stored; they are still told to whoever watches, and missing in the history"
    )]
    private partial void LogNotStored(Exception failure);

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "Events are stored again; {Lost} were not since the controller has started"
    )]
    private partial void LogStoredAgain(long lost);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Events of long ago could not be forgotten")]
    private partial void LogNotForgotten(Exception failure);
}
