using MasterController.Core.Events;
using MasterController.Daemon.Configuration;

namespace MasterController.Daemon.Hosting;

/// <summary>
/// The settings in force. What may change under running VMs is taken over by a reload; the rest is reported and
/// waits for a restart.
/// </summary>
public sealed partial class LiveSettings(
    ConfigLoader loader,
    ConfigValues values,
    ControllerSettings settings,
    EventHub events
)
{
    private readonly Lock _lock = new();
    private volatile ControllerSettings _current = settings;
    private ConfigValues _values = values;

    public ControllerSettings Current => _current;

    /// <summary>Reads the configuration again; one with errors changes nothing.</summary>
    public void Reload(ILogger logger)
    {
        lock (_lock)
        {
            var read = loader.Load();
            if (read.Settings is null)
            {
                foreach (var error in read.Errors)
                    LogError(logger, error);
                events.Publish("config.refused", loader.Path, string.Join("; ", read.Errors));
                return;
            }
            var (merged, changes) = ConfigReload.Merge(_values, read.Values);
            _values = merged;
            _current = ControllerSettings.From(merged);
            foreach (var change in changes)
                Report(logger, change);
            var applied = changes.Count(c => c.Reload == Configuration.Reload.Live);
            LogReloaded(logger, loader.Path, applied);
            events.Publish("config.reloaded", loader.Path, $"{applied} values taken over");
        }
    }

    private void Report(ILogger logger, ConfigChange change)
    {
        if (change.Reload == Configuration.Reload.Live)
        {
            LogApplied(logger, change.Key, change.From, change.To);
            events.Publish("config.applied", change.Key, $"{change.From} → {change.To}");
        }
        else
        {
            LogPending(logger, change.Key, change.From, change.To);
            events.Publish("config.pending", change.Key, $"{change.From} → {change.To} at the next start");
        }
    }

    [LoggerMessage(LogLevel.Error, "the configuration is not reloaded: {Error}")]
    private static partial void LogError(ILogger logger, ConfigError error);

    [LoggerMessage(LogLevel.Information, "{Key} is now \"{To}\" (was \"{From}\")")]
    private static partial void LogApplied(ILogger logger, string key, string from, string to);

    [LoggerMessage(LogLevel.Warning, "{Key} stays \"{From}\" until the next start; the file says \"{To}\"")]
    private static partial void LogPending(ILogger logger, string key, string from, string to);

    [LoggerMessage(LogLevel.Information, "read {Path} again: {Applied} values taken over")]
    private static partial void LogReloaded(ILogger logger, string path, int applied);
}
