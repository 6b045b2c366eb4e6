using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;

namespace MasterController.Cli.Commands;

/// <summary>Options that several commands take, and how their values are read.</summary>
internal static class CommonOptions
{
    public static NameOption Pool(string description) =>
        new("--pool", NameSource.Pools) { Description = description, HelpName = "POOL" };

    public static Option<int?> Limit() => Number("--limit", "Print N items at most", "N", 1, int.MaxValue);

    public static Option<int?> Wait(int seconds) =>
        Number("--wait", $"Wait at most N seconds [{seconds}]", "SECONDS", 1, 86400);

    /// <summary>For what is not waited for unless it is asked for; without a number the value is null.</summary>
    public static Option<int?> WaitIfGiven(int seconds)
    {
        var option = Number("--wait", $"Wait until its end, N seconds at most [{seconds}]", "SECONDS", 1, 86400);
        option.Arity = ArgumentArity.ZeroOrOne;
        return option;
    }

    public static Option<bool> NoWait() => new("--no-wait") { Description = "Do not wait; print what has been begun" };

    /// <summary>One of a few words; a bad one is answered with all of them.</summary>
    public static Option<string?> Choice(string name, string description, string? helpName, params string[] words)
    {
        var option = new Option<string?>(name)
        {
            Description = description,
            HelpName = helpName ?? string.Join("|", words),
            CustomParser = result =>
            {
                var text = Value(result);
                if (words.Contains(text))
                {
                    return text;
                }

                result.AddError($"{name}: '{text}' is none of {string.Join(", ", words)}");
                return null;
            },
        };
        option.CompletionSources.Add(words);
        return option;
    }

    /// <summary>A whole number whose bad values are named with their range.</summary>
    public static Option<int?> Number(string name, string description, string helpName, int least, int most) =>
        new(name)
        {
            Description = description,
            HelpName = helpName,
            CustomParser = result =>
            {
                if (result.Tokens.Count == 0)
                {
                    // Only where the value may be left out; elsewhere that is an error of its own.
                    return null;
                }

                var text = Value(result);
                if (
                    int.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out var number)
                    && number >= least
                    && number <= most
                )
                {
                    return number;
                }

                var range = most == int.MaxValue ? $"{least} or more" : $"{least} to {most}";
                result.AddError($"{name}: '{text}' is not a whole number of {range}");
                return null;
            },
        };

    /// <summary>"90s", "5m" or "1h".</summary>
    public static Option<TimeSpan?> Duration(string name, string description, TimeSpan least, TimeSpan most) =>
        new(name)
        {
            Description = description,
            HelpName = "DURATION",
            CustomParser = result =>
            {
                var text = Value(result);
                if (WrittenSpan.Parse(text, "smh") is not { } duration)
                {
                    result.AddError($"{name}: '{text}' is no duration; write 90s, 5m or 1h");
                    return null;
                }

                if (duration >= least && duration <= most)
                {
                    return duration;
                }

                result.AddError($"{name}: '{text}' is not within {least.TotalSeconds:0}s and {most.TotalHours:0}h");
                return null;
            },
        };

    /// <summary>A time of the past; what is accepted says <see cref="PastTime.Parse"/>.</summary>
    public static Option<PastTime?> Past(string name, string description) =>
        new(name)
        {
            Description = description,
            HelpName = "TIME",
            CustomParser = result =>
            {
                var text = Value(result);
                if (PastTime.Parse(text) is { } time)
                {
                    return time;
                }

                result.AddError($"{name}: '{text}' is no time; write 10m, 2h, 3d, 2026-01-31 or 2026-01-31T12:00Z");
                return null;
            },
        };

    /// <summary>"512" and "512M" are MiB, "2G" is GiB; also with "iB" or "B" behind.</summary>
    public static Option<int?> Memory() =>
        new("--memory")
        {
            Description = "Memory in MiB, or with a unit: 512, 512M, 2G",
            HelpName = "SIZE",
            CustomParser = result =>
            {
                var text = Value(result);
                if (MebibytesOf(text) is { } mebibytes)
                {
                    return mebibytes;
                }

                result.AddError($"--memory: '{text}' is no size; write 512, 512M or 2G");
                return null;
            },
        };

    public static Option<Dictionary<string, string>?> Labels() =>
        new("--label", "-l")
        {
            Description = "A label; repeat for several",
            HelpName = "KEY=VALUE",
            CustomParser = result =>
            {
                var labels = new Dictionary<string, string>();
                foreach (var token in result.Tokens)
                {
                    var equals = token.Value.IndexOf('=');
                    if (equals <= 0)
                    {
                        result.AddError($"--label: '{token.Value}' is not KEY=VALUE");
                        return null;
                    }

                    if (!labels.TryAdd(token.Value[..equals], token.Value[(equals + 1)..]))
                    {
                        result.AddError($"--label: '{token.Value[..equals]}' is there twice");
                        return null;
                    }
                }

                return labels;
            },
            Arity = ArgumentArity.OneOrMore,
        };

    internal static int? MebibytesOf(string text)
    {
        var digits = text.AsSpan().IndexOfAnyExceptInRange('0', '9') is >= 0 and var end ? end : text.Length;
        if (!long.TryParse(text.AsSpan(0, digits), NumberStyles.None, CultureInfo.InvariantCulture, out var amount))
        {
            return null;
        }

        long? factor = text[digits..].ToUpperInvariant() switch
        {
            "" or "M" or "MB" or "MIB" => 1,
            "G" or "GB" or "GIB" => 1024,
            _ => null,
        };
        return factor is { } unit && amount is > 0 and <= int.MaxValue && amount * unit <= int.MaxValue
            ? (int)(amount * unit)
            : null;
    }

    private static string Value(ArgumentResult result) => result.Tokens.Count > 0 ? result.Tokens[0].Value : "";
}
