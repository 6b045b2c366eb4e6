using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using MasterController.Cli.Api;
using MasterController.Cli.Api.Http;
using MasterController.Cli.Terminal;

namespace MasterController.Cli.Commands;

/// <summary>One run of one command: what was asked, whom to ask, and where to print.</summary>
internal sealed class Session
{
    private readonly ParseResult _parse;

    public Session(ParseResult parse, GlobalOptions options, CliTerminal terminal)
    {
        _parse = parse;
        Terminal = terminal;
        terminal.NoColor |= parse.GetValue(options.NoColor);
        Json = parse.GetValue(options.Output) == "json";
        Quiet = parse.GetValue(options.Quiet);
        var socket = parse.GetValue(options.Socket) ?? terminal.Environment(GlobalOptions.SocketVariable);
        var key = CallerKey.Read(parse.GetValue(options.KeyFile), terminal.Environment(GlobalOptions.KeyVariable));
        Api = new ApiClient(
            new UnixHttp(string.IsNullOrEmpty(socket) ? GlobalOptions.DefaultSocket : socket, terminal.Time, key),
            terminal.Time
        );
    }

    public CliTerminal Terminal { get; }

    public ApiClient Api { get; }

    public bool Json { get; }

    public bool Quiet { get; }

    public TextWriter Out => Terminal.Out;

    /// <summary>What to say when Ctrl-C ends a wait: what goes on, and how to come back to it.</summary>
    public string? DetachNote { get; set; }

    public Command Command => _parse.CommandResult.Command;

    public Command Root => _parse.RootCommandResult.Command;

    public T? Get<T>(Option<T> option) => _parse.GetValue(option);

    public T Get<T>(Argument<T> argument) => _parse.GetValue(argument)!;

    public bool Given(Option option) => _parse.GetResult(option) is { Implicit: false };

    /// <summary>What was typed, as a shell takes it, less one of its switches.</summary>
    public string CommandLineWithout(Option<bool> option) =>
        string.Join(
            " ",
            _parse
                .Tokens.Select(token => token.Value)
                .Where(word => word != option.Name && !option.Aliases.Contains(word))
                .Select(ShellWord)
                .Prepend(Root.Name)
        );

    /// <summary>A remark on what was printed, below it for a person, and out of the way of a pipe.</summary>
    public void Note(string text)
    {
        Out.Flush();
        Terminal.Err.WriteLine(text);
    }

    /// <summary>Prints in the asked format; the table is drawn only where it is wanted.</summary>
    public void Print<T>(T value, JsonTypeInfo<T> type, IEnumerable<string> names, Action table)
    {
        if (Quiet)
        {
            foreach (var name in names)
            {
                Out.Write(name + "\n");
            }
        }
        else if (Json)
        {
            Out.Write(JsonSerializer.Serialize(value, type) + "\n");
        }
        else
        {
            table();
        }
    }

    private static string ShellWord(string word) =>
        word.Length > 0 && word.All(c => char.IsAsciiLetterOrDigit(c) || "-_./:,=+@%".Contains(c))
            ? word
            : $"'{word.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}
