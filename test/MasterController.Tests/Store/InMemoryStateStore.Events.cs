using MasterController.Core.Events;
using MasterController.Core.Store;

namespace MasterController.Tests.Store;

public sealed partial class InMemoryStateStore
{
    private readonly SortedDictionary<long, ControllerEvent> _events = [];

    public Task<IReadOnlyList<ControllerEvent>> ReadEventsAsync(
        long after,
        int most,
        CancellationToken cancellationToken
    )
    {
        lock (_lock)
            return Task.FromResult<IReadOnlyList<ControllerEvent>>([
                .. _events.Values.Where(e => e.Id > after).Take(most),
            ]);
    }

    public Task<IReadOnlyList<ControllerEvent>> FindEventsAsync(
        EventFilter filter,
        long? before,
        int most,
        CancellationToken cancellationToken
    )
    {
        lock (_lock)
            return Task.FromResult<IReadOnlyList<ControllerEvent>>([
                .. _events
                    .Values.Reverse()
                    .Where(e => before is null || e.Id < before)
                    .Where(e => e.IsOf(filter.Type) && (filter.Subject is null || e.Subject == filter.Subject))
                    .Where(e =>
                        (filter.From is null || e.Time >= filter.From) && (filter.To is null || e.Time <= filter.To)
                    )
                    .Take(most),
            ]);
    }

    public Task<EventBounds> ReadEventBoundsAsync(DateTimeOffset since, int most, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            long[] ids = [.. _events.Keys];
            if (ids.Length == 0)
                return Task.FromResult(default(EventBounds));
            var inTime = _events.Values.FirstOrDefault(e => e.Time >= since)?.Id ?? ids[^1];
            return Task.FromResult(new EventBounds(ids[0], Math.Max(inTime, ids[Math.Max(0, ids.Length - most)])));
        }
    }

    private void ApplyEvents(StoreChange change)
    {
        switch (change)
        {
            case StoreChange.EventsSaved(var events):
                foreach (var happened in events)
                    _events[happened.Id] = happened;
                break;
            case StoreChange.EventsForgotten(var before):
                foreach (var id in _events.Keys.Where(id => id < before).ToArray())
                    _events.Remove(id);
                break;
        }
    }
}
