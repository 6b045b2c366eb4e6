namespace MasterController.Daemon.Configuration;

/// <summary>What the configuration came to: every key's value, or every error at once.</summary>
/// <param name="Settings">Null where there are errors.</param>
/// <param name="Warnings">Does not stop the controller: variables with our prefix that are no key.</param>
public sealed record LoadedConfig(
    ConfigValues Values,
    ControllerSettings? Settings,
    IReadOnlyList<ConfigError> Errors,
    IReadOnlyList<ConfigError> Warnings
);

/// <summary>
/// Reads the configuration: 1 the file, 2 the environment, 3 the flags; a later one overrides an earlier one, and
/// each is checked even where it is overridden.
/// </summary>
/// <param name="File">The path, or null for <see cref="ConfigKeys.DefaultFile"/>, which alone may be missing.</param>
/// <param name="Flags">The text of each flag that was given, by key name.</param>
public sealed record ConfigLoader(
    string? File,
    IReadOnlyDictionary<string, string> Environment,
    IReadOnlyDictionary<string, string> Flags
)
{
    /// <summary>Names the file, as <c>--config</c> does.</summary>
    public const string FileVariable = ConfigKey.EnvironmentPrefix + "CONFIG";

    public string Path => File ?? (Environment.TryGetValue(FileVariable, out var path) ? path : ConfigKeys.DefaultFile);

    public LoadedConfig Load()
    {
        List<ConfigError> errors = [];
        var written = ReadFile(errors);
        var keys = Keys(written);

        var values = new ConfigValues();
        foreach (var key in keys.Values)
            values.Set(key.Default);
        foreach (var value in written)
            Take(values, keys, value, errors);
        foreach (var key in keys.Values)
        {
            if (Environment.TryGetValue(key.EnvironmentName, out var text))
                Take(values, keys, Untyped(key, text, ConfigOrigin.Environment, key.EnvironmentName), errors);
        }
        foreach (var (name, text) in Flags)
            Take(values, keys, Untyped(keys[name], text, ConfigOrigin.Flag, keys[name].Flag!), errors);

        errors.AddRange(ConfigRules.Check(values));
        return new LoadedConfig(
            values,
            errors.Count == 0 ? ControllerSettings.From(values) : null,
            errors,
            Strangers(keys)
        );
    }

    private IReadOnlyList<WrittenValue> ReadFile(List<ConfigError> errors)
    {
        try
        {
            return TomlFile.Read(System.IO.File.ReadAllText(Path), Path, errors);
        }
        catch (Exception missing) when (missing is FileNotFoundException or DirectoryNotFoundException)
        {
            if (Path != ConfigKeys.DefaultFile)
                errors.Add(new ConfigError(new ConfigSource(ConfigOrigin.File, Path), "", "there is no such file"));
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            errors.Add(new ConfigError(new ConfigSource(ConfigOrigin.File, Path), "", unreadable.Message));
        }
        return [];
    }

    /// <summary>The fixed keys and those of each type that is built in or written about.</summary>
    private Dictionary<string, ConfigKey> Keys(IReadOnlyList<WrittenValue> written)
    {
        var types = Core
            .Vms.VmType.BuiltIn.Select(t => t.Name)
            .Concat(written.Select(w => TypeNames.InKey(w.Key)))
            .Concat(Environment.Keys.Select(TypeNames.InVariable))
            .OfType<string>()
            .Distinct();
        return ConfigKeys
            .All.Concat(types.SelectMany(t => ConfigKeys.ForType(t).All))
            .ToDictionary(k => k.Name, StringComparer.Ordinal);
    }

    private static void Take(
        ConfigValues values,
        Dictionary<string, ConfigKey> keys,
        WrittenValue written,
        List<ConfigError> errors
    )
    {
        if (!keys.TryGetValue(written.Key, out var key))
            errors.Add(new ConfigError(written.Source, written.Key, "unknown key" + Near(written.Key, keys)));
        else if (key.TryRead(written, out var value, out var problem))
            values.Set(value);
        else
            errors.Add(new ConfigError(written.Source, key.Name, problem));
    }

    /// <summary>A type's misspelt key is best corrected within its type.</summary>
    private static string Near(string written, Dictionary<string, ConfigKey> keys) =>
        Suggestion.For(written, [.. keys.Keys]);

    private static WrittenValue Untyped(ConfigKey key, string text, ConfigOrigin origin, string name) =>
        new(key.Name, WrittenKind.Untyped, text, new ConfigSource(origin, name));

    private List<ConfigError> Strangers(Dictionary<string, ConfigKey> keys)
    {
        var known = keys.Values.Select(k => k.EnvironmentName).Append(FileVariable).ToHashSet(StringComparer.Ordinal);
        return
        [
            .. Environment
                .Keys.Where(v => v.StartsWith(ConfigKey.EnvironmentPrefix, StringComparison.Ordinal))
                .Where(v => !known.Contains(v))
                .Select(v => new ConfigError(
                    new ConfigSource(ConfigOrigin.Environment, v),
                    "",
                    "this variable is no key and is ignored" + Suggestion.For(v, [.. known])
                )),
        ];
    }
}
