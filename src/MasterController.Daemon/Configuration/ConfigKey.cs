using System.Diagnostics.CodeAnalysis;

namespace MasterController.Daemon.Configuration;

/// <summary>Whether a new value is taken over by SIGHUP, or waits for the next start.</summary>
public enum Reload
{
    Live,
    Restart,
}

/// <summary>
/// One key of the configuration. The list of these drives parsing, the names of environment variables, the messages,
/// <c>config show</c> and the reference page.
/// </summary>
/// <param name="Name">Dotted, as in the file: "network.mode".</param>
/// <param name="Allowed">What may be written, for messages and the reference.</param>
/// <param name="Flag">The command-line flag, or null.</param>
public abstract class ConfigKey(string name, string allowed, string summary, Reload reload, string? flag)
{
    public const string EnvironmentPrefix = "MASTER_CONTROLLER_";

    public string Name => name;

    public string Allowed => allowed;

    public string Summary => summary;

    public Reload Reload => reload;

    public string? Flag => flag;

    /// <summary>The prefix, then the key in capitals with every other character as "_".</summary>
    public string EnvironmentName => EnvironmentPrefix + name.Replace('.', '_').Replace('-', '_').ToUpperInvariant();

    /// <summary>The default as <c>config show</c> prints it.</summary>
    public abstract string ShownDefault { get; }

    /// <summary>Reads what was written; on failure says what is wrong with it and what is allowed.</summary>
    public abstract bool TryRead(
        WrittenValue written,
        [NotNullWhen(true)] out ConfigValue? value,
        [NotNullWhen(false)] out string? problem
    );

    public abstract ConfigValue Default { get; }
}

/// <param name="show">Renders a value as <c>config show</c> prints it; "" for a value that is not set.</param>
public sealed class ConfigKey<T>(
    string name,
    T defaultValue,
    string allowed,
    string summary,
    Func<WrittenValue, Reading<T>> read,
    Func<T, string> show,
    Reload reload = Reload.Restart,
    string? flag = null
) : ConfigKey(name, allowed, summary, reload, flag)
{
    public override string ShownDefault => show(defaultValue);

    public override ConfigValue Default => new ConfigValue<T>(Name, defaultValue, ShownDefault, ConfigSource.Default);

    public override bool TryRead(
        WrittenValue written,
        [NotNullWhen(true)] out ConfigValue? value,
        [NotNullWhen(false)] out string? problem
    )
    {
        var reading = read(written);
        problem = reading.Problem is { } wrong ? $"{wrong}; allowed: {Allowed}" : null;
        value = problem is null ? new ConfigValue<T>(Name, reading.Value!, show(reading.Value!), written.Source) : null;
        return problem is null;
    }
}

/// <summary>What a reader made of a written value: the value, or what is wrong with it.</summary>
public readonly record struct Reading<T>(T? Value, string? Problem)
{
    public static implicit operator Reading<T>(T value) => new(value, Problem: null);

    public static Reading<T> Wrong(string problem) => new(default, problem);
}

/// <summary>A value in force, with where it comes from.</summary>
public abstract record ConfigValue(string Key, string Shown, ConfigSource Source);

public sealed record ConfigValue<T>(string Key, T Value, string Shown, ConfigSource Source)
    : ConfigValue(Key, Shown, Source);
