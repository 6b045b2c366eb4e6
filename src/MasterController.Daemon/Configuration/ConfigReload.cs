namespace MasterController.Daemon.Configuration;

/// <summary>A key whose value in the file is not the one in force.</summary>
public sealed record ConfigChange(string Key, string From, string To, Reload Reload);

/// <summary>Splits a newly read configuration into what can be taken over now and what waits for a restart.</summary>
public static class ConfigReload
{
    /// <summary>The values to be in force: the new ones of live keys, the old ones of all others.</summary>
    public static (ConfigValues Values, IReadOnlyList<ConfigChange> Changes) Merge(
        ConfigValues inForce,
        ConfigValues read
    )
    {
        var merged = new ConfigValues();
        List<ConfigChange> changes = [];
        foreach (var value in read.All)
        {
            var former = inForce.Find(value.Key);
            var reload = ReloadOf(value.Key);
            merged.Set(reload == Reload.Live || former is null ? value : former);
            if (former?.Shown != value.Shown)
                changes.Add(new ConfigChange(value.Key, former?.Shown ?? "", value.Shown, reload));
        }
        // A type that is gone from the file is gone: VMs of it keep what they were given.
        foreach (var gone in inForce.All.Where(v => read.Find(v.Key) is null))
            changes.Add(new ConfigChange(gone.Key, gone.Shown, "", Reload.Live));
        return (merged, changes);
    }

    private static Reload ReloadOf(string key) =>
        TypeNames.InKey(key) is not null ? Reload.Live : ConfigKeys.All.First(k => k.Name == key).Reload;
}
