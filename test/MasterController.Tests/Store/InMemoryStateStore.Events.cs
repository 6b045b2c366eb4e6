using MasterController.Core.Events;
using MasterController.Core.Quotas;
using MasterController.Core.Store;
using MasterController.Core.WebHooks;

namespace MasterController.Tests.Store;

public sealed partial class InMemoryStateStore
{
    private readonly SortedDictionary<long, ControllerEvent> _events = [];
    private readonly SortedDictionary<string, WebHookRecord> _webHooks = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, OwnerQuota> _quotas = new(StringComparer.Ordinal);

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

    public Task<IReadOnlyList<WebHookRecord>> ReadWebHooksAsync(CancellationToken cancellationToken)
    {
        lock (_lock)
            return Task.FromResult<IReadOnlyList<WebHookRecord>>([.. _webHooks.Values]);
    }

    public Task<IReadOnlyList<OwnerQuota>> ReadQuotasAsync(CancellationToken cancellationToken)
    {
        lock (_lock)
            return Task.FromResult<IReadOnlyList<OwnerQuota>>([.. _quotas.Values]);
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
            case StoreChange.WebHookSaved(var hook):
                _webHooks[hook.Name] = hook;
                break;
            case StoreChange.WebHookDeleted(var name):
                _webHooks.Remove(name);
                break;
            case StoreChange.QuotaSaved(var quota):
                _quotas[quota.Owner] = quota;
                break;
            case StoreChange.QuotaDeleted(var owner):
                _quotas.Remove(owner);
                break;
        }
    }
}
