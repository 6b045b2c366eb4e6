namespace MasterController.Daemon.Configuration;

/// <summary>The value of every key with where it comes from, in the order of the reference page.</summary>
public sealed class ConfigValues
{
    private readonly List<string> _order = [];
    private readonly Dictionary<string, ConfigValue> _values = new(StringComparer.Ordinal);

    public IEnumerable<ConfigValue> All => _order.Select(k => _values[k]);

    /// <summary>The names of all VM types that have keys.</summary>
    public IEnumerable<string> Types => _order.Select(TypeNames.InKey).OfType<string>().Distinct();

    public void Set(ConfigValue value)
    {
        if (_values.TryAdd(value.Key, value))
            _order.Add(value.Key);
        else
            _values[value.Key] = value;
    }

    public T Get<T>(ConfigKey<T> key) => ((ConfigValue<T>)_values[key.Name]).Value;

    public ConfigValue? Find(string key) => _values.GetValueOrDefault(key);

    public ConfigSource SourceOf(ConfigKey key) => _values[key.Name].Source;
}
