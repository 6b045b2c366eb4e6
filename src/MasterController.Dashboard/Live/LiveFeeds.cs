using MasterController.Dashboard.Api;

namespace MasterController.Dashboard.Live;

/// <summary>One feed a key, for as long as a circuit has a use for it.</summary>
internal sealed class LiveFeeds(ControllerSocket socket, TimeProvider clock)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, (LiveFeed Feed, int Users)> _feeds = new(StringComparer.Ordinal);

    public LiveFeed Take(string key)
    {
        lock (_lock)
        {
            var (feed, users) = _feeds.GetValueOrDefault(key);
            feed ??= new LiveFeed(socket, key, clock);
            _feeds[key] = (feed, users + 1);
            return feed;
        }
    }

    public async ValueTask ReturnAsync(string key)
    {
        LiveFeed? unused = null;
        lock (_lock)
        {
            var (feed, users) = _feeds[key];
            if (users > 1)
                _feeds[key] = (feed, users - 1);
            else if (_feeds.Remove(key))
                unused = feed;
        }
        if (unused is not null)
            await unused.DisposeAsync();
    }
}
