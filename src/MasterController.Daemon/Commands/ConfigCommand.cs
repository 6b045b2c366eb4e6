using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Serialization;
using MasterController.Daemon.Configuration;

namespace MasterController.Daemon.Commands;

/// <summary><c>master-controller config check|show|reference</c>.</summary>
internal static class ConfigCommand
{
    public static Command Create(CommonOptions options, Option<string> output)
    {
        var check = new Command("check", "Name everything that is wrong with the configuration");
        check.SetAction(parsed => Check(options, parsed));

        var show = new Command("show", "Show what is in force, and where each value comes from");
        show.Options.Add(output);
        show.SetAction(parsed => Show(options, parsed, parsed.GetValue(output)!));

        var reference = new Command("reference", "Print the reference of all keys (Markdown)");
        reference.SetAction(parsed => parsed.InvocationConfiguration.Output.Write(ConfigReference.Markdown()));
        return new Command("config", "Look at the configuration") { check, show, reference };
    }

    private static int Check(CommonOptions options, ParseResult parsed)
    {
        var loader = options.Loader(parsed);
        var config = loader.Load();
        if (!CommonOptions.IsUsable(config, parsed.InvocationConfiguration.Error))
            return ExitCodes.Failed;
        parsed.InvocationConfiguration.Output.WriteLine($"{loader.Path}: the configuration is valid");
        return ExitCodes.Ok;
    }

    private static int Show(CommonOptions options, ParseResult parsed, string format)
    {
        var config = options.Loader(parsed).Load();
        var isUsable = CommonOptions.IsUsable(config, parsed.InvocationConfiguration.Error);
        var output = parsed.InvocationConfiguration.Output;
        ShownValue[] shown = [.. config.Values.All.Select(v => new ShownValue(v.Key, v.Shown, v.Source.ToString()))];
        if (format == "json")
            output.WriteLine(JsonSerializer.Serialize(shown, CommandsJson.Default.ShownValueArray));
        else
            WriteTable(shown, output);
        return isUsable ? ExitCodes.Ok : ExitCodes.Failed;
    }

    private static void WriteTable(ShownValue[] shown, TextWriter output)
    {
        var keys = shown.Max(v => v.Key.Length);
        var values = shown.Max(v => v.Value.Length);
        foreach (var value in shown)
            output.WriteLine($"{value.Key.PadRight(keys)}  {value.Value.PadRight(values)}  {value.Source}");
    }
}

/// <param name="Source">"default", "FILE:LINE", "environment NAME" or "flag --NAME".</param>
internal sealed record ShownValue(string Key, string Value, string Source);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(ShownValue[]))]
internal sealed partial class CommandsJson : JsonSerializerContext;
