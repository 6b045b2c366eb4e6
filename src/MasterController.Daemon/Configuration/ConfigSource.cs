namespace MasterController.Daemon.Configuration;

/// <summary>Where a value comes from; a later origin overrides an earlier one.</summary>
public enum ConfigOrigin
{
    Default,
    File,
    Environment,
    Flag,
}

/// <param name="Name">The file's path, the variable's or the flag's name.</param>
/// <param name="Line">From 1; 0 where there are no lines.</param>
public sealed record ConfigSource(ConfigOrigin Origin, string Name = "", int Line = 0)
{
    public static ConfigSource Default { get; } = new(ConfigOrigin.Default);

    public override string ToString() =>
        Origin switch
        {
            ConfigOrigin.Default => "default",
            ConfigOrigin.File => Line > 0 ? $"{Name}:{Line}" : Name,
            ConfigOrigin.Environment => $"environment {Name}",
            _ => $"flag {Name}",
        };
}

/// <summary>Something wrong with the configuration, for a person to correct.</summary>
/// <param name="Key">Empty where the file as a whole cannot be read.</param>
public sealed record ConfigError(ConfigSource Source, string Key, string Message)
{
    public override string ToString() => Key.Length == 0 ? $"{Source}: {Message}" : $"{Source}: {Key}: {Message}";
}
