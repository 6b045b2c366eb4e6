using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace MasterController.Core.Events;

/// <summary>
/// Hands events to subscribers. Each has a bounded queue of its own: one that does not keep up loses its oldest
/// events and sees the gap in the ids, and never holds up the controller. With an <see cref="EventJournal"/> events are
/// stored as well, ids go on over restarts, and whoever comes back gets all that it missed.
/// </summary>
public sealed class EventHub(TimeProvider clock)
{
    private const int Remembered = 1024;
    private const int QueuedPerSubscriber = 1024;
    private const int PageSize = 500;

    private readonly Lock _lock = new();
    private readonly Queue<ControllerEvent> _recent = new(Remembered);
    private readonly List<Channel<ControllerEvent>> _subscribers = [];
    private TaskCompletionSource? _next;
    private EventJournal? _journal;
    private long _lastId;

    /// <summary>Every event after this one is in memory.</summary>
    private long _completeAfter;

    /// <summary>The newest id; 0 before the first event.</summary>
    public long LastId
    {
        get
        {
            lock (_lock)
                return _lastId;
        }
    }

    public void Publish(string type, string subject, string message, IReadOnlyDictionary<string, string>? data = null)
    {
        lock (_lock)
        {
            var happened = new ControllerEvent(++_lastId, clock.GetUtcNow(), type, subject, message, data);
            RememberLocked(happened);
            foreach (var subscriber in _subscribers)
                subscriber.Writer.TryWrite(happened);
            _next?.SetResult();
            _next = null;
        }
    }

    /// <summary>
    /// Events from now on; with <paramref name="afterId"/> first all that are known after that id (Last-Event-ID), from
    /// memory or from the store, without a gap and none twice. Where they are not kept that far back it begins with the
    /// oldest, and the ids show the gap. An id that has not been given yet is of another state: then all there is is new.
    /// </summary>
    public async IAsyncEnumerable<ControllerEvent> SubscribeAsync(
        long? afterId,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var channel = Channel.CreateBounded<ControllerEvent>(
            new BoundedChannelOptions(QueuedPerSubscriber)
            {
                FullMode = BoundedChannelFullMode.DropOldest,
                SingleReader = true,
            }
        );
        var after = afterId;
        ControllerEvent[]? missed;
        while (!TrySubscribe(channel, ref after, out missed))
        {
            var page = await ReadAsync(after!.Value, PageSize, cancellationToken);
            foreach (var past in page.Items)
                yield return past;
            after = page.UpTo;
        }
        try
        {
            foreach (var past in missed)
                yield return past;
            await foreach (var happened in channel.Reader.ReadAllAsync(cancellationToken))
                yield return happened;
        }
        finally
        {
            lock (_lock)
                _subscribers.Remove(channel);
        }
    }

    /// <summary>
    /// The next events after an id, at most so many; for whoever must miss none, however slow it is. An empty page may go
    /// on nevertheless: what was published up to its end is not kept.
    /// </summary>
    public async Task<EventPage> ReadAsync(long after, int most, CancellationToken cancellationToken)
    {
        EventJournal? journal;
        long last;
        lock (_lock)
        {
            (journal, last) = (_journal, _lastId);
            if (journal is null || after >= _completeAfter)
                return PageOf([.. _recent.Where(e => e.Id > after).Take(most)], after, most, last);
        }
        // What was published until here is in the store then, or was lost.
        await journal.FlushAsync(cancellationToken);
        return PageOf(await journal.ReadAsync(after, most, cancellationToken), after, most, last);
    }

    /// <summary>When this ends, what was published before is in the store, or was lost.</summary>
    public Task FlushAsync(CancellationToken cancellationToken)
    {
        EventJournal? journal;
        lock (_lock)
            journal = _journal;
        return journal?.FlushAsync(cancellationToken) ?? Task.CompletedTask;
    }

    /// <summary>Ends when there is an event after this id.</summary>
    public Task WhenAfterAsync(long id, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (_lastId > id)
                return Task.CompletedTask;
            _next ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return _next.Task.WaitAsync(cancellationToken);
        }
    }

    /// <summary>
    /// From now on events are stored, with ids behind <paramref name="last"/>; those that are remembered from before are
    /// numbered anew, and stored first. To be called before anybody subscribes.
    /// </summary>
    /// <param name="stored">The newest that is stored; all between it and <paramref name="last"/> were never published.</param>
    internal void Continue(EventJournal journal, long stored, long last)
    {
        lock (_lock)
        {
            ControllerEvent[] former = [.. _recent];
            _recent.Clear();
            (_journal, _completeAfter, _lastId) = (journal, stored, last);
            foreach (var early in former)
                RememberLocked(early with { Id = ++_lastId });
        }
    }

    private bool TrySubscribe(Channel<ControllerEvent> channel, ref long? after, out ControllerEvent[] missed)
    {
        missed = [];
        lock (_lock)
        {
            if (after > _lastId)
                after = 0;
            if (after is { } id)
            {
                if (_journal is not null && id < _completeAfter)
                    return false;
                missed = [.. _recent.Where(e => e.Id > id)];
            }
            _subscribers.Add(channel);
            return true;
        }
    }

    private void RememberLocked(ControllerEvent happened)
    {
        if (_recent.Count == Remembered)
            _completeAfter = _recent.Dequeue().Id;
        _recent.Enqueue(happened);
        _journal?.Add(happened);
    }

    /// <param name="last">Published before the items were read.</param>
    private static EventPage PageOf(IReadOnlyList<ControllerEvent> items, long after, int most, long last) =>
        new(
            items,
            items.Count == most ? items[^1].Id : Math.Max(Math.Max(after, last), items.Count > 0 ? items[^1].Id : 0)
        );
}
