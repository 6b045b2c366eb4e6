using System.CommandLine;
using System.CommandLine.Parsing;
using MasterController.Cli.Commands;

namespace MasterController.Cli.Errors;

/// <summary>What is wrong with a command line, said in our own words where a suggestion helps.</summary>
internal static class UsageError
{
    public static CliException? Of(ParseResult parse)
    {
        var command = parse.CommandResult.Command;
        var path = Path(parse.CommandResult);
        var help = $"see: {path} --help";
        if (UnknownOption(parse) is { } option)
        {
            return Unknown($"unknown option '{option}' for '{path}'", option, OptionNames(parse.CommandResult), help);
        }

        var subcommands = command.Subcommands.Where(sub => !sub.Hidden).Select(sub => sub.Name).ToArray();
        if (parse.UnmatchedTokens is [var word, ..])
        {
            return subcommands.Length > 0
                ? Unknown($"unknown command '{word}' for '{path}'", word, subcommands, help)
                : CliException.Usage($"too much: '{word}'", help);
        }

        if (command is CliCommand { Run: null })
        {
            return CliException.Usage($"'{path}' needs a command: {string.Join(", ", subcommands)}", help);
        }

        return parse.Errors is [var error, ..] ? CliException.Usage(Message(parse, error), help) : null;
    }

    private static CliException Unknown(string message, string typed, IEnumerable<string> words, string help) =>
        Spelling.Nearest(typed, words) is { Count: > 0 } near
            ? CliException.Usage(message, $"did you mean {string.Join(" or ", near)}?")
            : CliException.Usage(message, help);

    /// <summary>
    /// System.CommandLine takes an option it does not know for an argument, so that a mistyped --follow would be the
    /// name of a VM. Behind "--" everything is an argument indeed.
    /// </summary>
    private static string? UnknownOption(ParseResult parse)
    {
        foreach (var token in parse.Tokens)
        {
            if (token.Type == TokenType.DoubleDash)
            {
                return null;
            }

            if (
                token.Type == TokenType.Argument
                && token.Value.Length > 1
                && token.Value[0] == '-'
                && !char.IsAsciiDigit(token.Value[1])
            )
            {
                return token.Value.Split('=')[0];
            }
        }

        return null;
    }

    private static string Message(ParseResult parse, ParseError error)
    {
        var missing = parse
            .CommandResult.Command.Arguments.Where(argument =>
                argument.Arity.MinimumNumberOfValues > (parse.GetResult(argument)?.Tokens.Count ?? 0)
            )
            .Select(argument => argument.Name)
            .ToArray();
        if (
            missing.Length > 0
            && error.SymbolResult is CommandResult or ArgumentResult { Tokens.Count: 0, Parent: CommandResult }
        )
        {
            return $"{string.Join(" and ", missing)} missing";
        }

        return error.SymbolResult is OptionResult { Tokens.Count: 0, IdentifierToken: { } option }
            ? $"{option.Value} needs a value"
            : string.Join(" ", error.Message.Split((char[])['\n', '\r', '\t'], StringSplitOptions.RemoveEmptyEntries));
    }

    private static IEnumerable<string> OptionNames(CommandResult result)
    {
        for (SymbolResult? at = result; at is not null; at = at.Parent)
        {
            if (at is CommandResult { Command: var command })
            {
                foreach (var option in command.Options.Where(option => at == result || option.Recursive))
                {
                    yield return option.Name;
                }
            }
        }
    }

    private static string Path(CommandResult result) =>
        result.Parent is CommandResult parent ? $"{Path(parent)} {result.Command.Name}" : result.Command.Name;
}
