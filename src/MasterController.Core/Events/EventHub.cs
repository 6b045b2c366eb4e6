using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace MasterController.Core.Events;

/// <summary>Something that happened, for people and programs that watch.</summary>
/// <param name="Id">Grows by one an event, from 1 at each start of the controller.</param>
/// <param name="Type">Stable, dotted: "vm.running", "lease.released", "pool.created", "operation.step".</param>
/// <param name="Subject">The VM id, pool, address or operation it is about.</param>
public sealed record ControllerEvent(
    long Id,
    DateTimeOffset Time,
    string Type,
    string Subject,
    string Message,
    IReadOnlyDictionary<string, string>? Data = null
);

/// <summary>
/// Hands events to subscribers. Each has a bounded queue of its own: one that does not keep up loses its oldest
/// events and sees the gap in the ids, and never holds up the controller.
/// </summary>
public sealed class EventHub(TimeProvider clock)
{
    private const int Remembered = 1024;
    private const int QueuedPerSubscriber = 1024;

    private readonly Lock _lock = new();
    private readonly Queue<ControllerEvent> _recent = new(Remembered);
    private readonly List<Channel<ControllerEvent>> _subscribers = [];
    private long _lastId;

    public void Publish(string type, string subject, string message, IReadOnlyDictionary<string, string>? data = null)
    {
        lock (_lock)
        {
            var happened = new ControllerEvent(++_lastId, clock.GetUtcNow(), type, subject, message, data);
            if (_recent.Count == Remembered)
                _recent.Dequeue();
            _recent.Enqueue(happened);
            foreach (var subscriber in _subscribers)
                subscriber.Writer.TryWrite(happened);
        }
    }

    /// <summary>
    /// Events from now on; with <paramref name="afterId"/> first the remembered ones after that id (Last-Event-ID). An id
    /// that has not been given yet is from before a restart, where ids begin anew: then all that is remembered is new.
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
        ControllerEvent[] missed;
        lock (_lock)
        {
            var after = afterId > _lastId ? 0 : afterId;
            missed = after is { } id ? [.. _recent.Where(e => e.Id > id)] : [];
            _subscribers.Add(channel);
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
}
