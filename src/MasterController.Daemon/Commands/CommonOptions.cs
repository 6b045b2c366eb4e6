using System.Collections;
using System.CommandLine;
using MasterController.Daemon.Configuration;

namespace MasterController.Daemon.Commands;

/// <summary>The flags that every command takes; each but --config stands for a key.</summary>
internal sealed class CommonOptions
{
    private readonly Option<string?> _config = new("--config")
    {
        Description = $"The configuration file [default: {ConfigKeys.DefaultFile}]",
        HelpName = "file",
        Recursive = true,
    };

    private readonly (string Key, Option<string?> Option)[] _keys =
    [
        .. ConfigKeys
            .All.Where(k => k.Flag is not null)
            .Select(k =>
                (
                    k.Name,
                    new Option<string?>(k.Flag!)
                    {
                        Description = k.Summary,
                        HelpName = k.Name,
                        Recursive = true,
                    }
                )
            ),
    ];

    public void AddTo(Command command)
    {
        command.Options.Add(_config);
        foreach (var (_, option) in _keys)
            command.Options.Add(option);
    }

    public ConfigLoader Loader(ParseResult parsed)
    {
        Dictionary<string, string> flags = new(StringComparer.Ordinal);
        foreach (var (key, option) in _keys)
        {
            if (parsed.GetValue(option) is { } text)
                flags[key] = text;
        }
        Dictionary<string, string> environment = new(StringComparer.Ordinal);
        foreach (DictionaryEntry variable in Environment.GetEnvironmentVariables())
            environment[(string)variable.Key] = (string?)variable.Value ?? "";
        return new ConfigLoader(parsed.GetValue(_config), environment, flags);
    }

    /// <summary>Tells what is wrong, a line each; true when the configuration can be used.</summary>
    public static bool IsUsable(LoadedConfig config, TextWriter error)
    {
        foreach (var warning in config.Warnings)
            error.WriteLine($"warning: {warning}");
        foreach (var wrong in config.Errors)
            error.WriteLine($"error: {wrong}");
        return config.Errors.Count == 0;
    }
}
