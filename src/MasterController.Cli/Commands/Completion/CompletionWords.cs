using System.CommandLine;
using System.CommandLine.Completions;

namespace MasterController.Cli.Commands.Completion;

/// <summary>What can be typed after a command, taken from the tree of commands.</summary>
/// <param name="Path">The command's words without the program's: "vm create"; empty for the root.</param>
/// <param name="Arguments">What each of its arguments can be, in their order.</param>
/// <param name="Repeats">Whether the last argument takes all further words.</param>
internal sealed record CompletionWords(
    string Path,
    string Purpose,
    IReadOnlyList<CompletionWords> Commands,
    IReadOnlyList<CompletionOption> Options,
    IReadOnlyList<CompletionValues> Arguments,
    bool Repeats
)
{
    public string Name => Path[(Path.LastIndexOf(' ') + 1)..];

    public static CompletionWords Of(Command root) => Of(root, "", []);

    /// <summary>This command and all below it, parents first.</summary>
    public IEnumerable<CompletionWords> All() => Commands.SelectMany(command => command.All()).Prepend(this);

    private static CompletionWords Of(Command command, string path, IReadOnlyList<Option> inherited)
    {
        Option[] own = [.. command.Options.Where(option => !option.Hidden)];
        Option[] passed = [.. inherited, .. own.Where(option => option.Recursive)];
        return new CompletionWords(
            path,
            command.Description ?? "",
            [
                .. command
                    .Subcommands.Where(sub => !sub.Hidden)
                    .Select(sub => Of(sub, path.Length == 0 ? sub.Name : $"{path} {sub.Name}", passed)),
            ],
            [.. inherited.Concat(own).Select(CompletionOption.Of)],
            [.. command.Arguments.Select(CompletionValues.Of)],
            command.Arguments.LastOrDefault()?.Arity.MaximumNumberOfValues > 1
        );
    }
}

/// <param name="Names">Long first: "--output", "-o".</param>
/// <param name="Values">null for a switch.</param>
internal sealed record CompletionOption(IReadOnlyList<string> Names, string Purpose, CompletionValues? Values)
{
    public static CompletionOption Of(Option option) =>
        new(
            [option.Name, .. option.Aliases],
            option.Description ?? "",
            option.Arity.MaximumNumberOfValues == 0 || option.ValueType == typeof(bool)
                ? null
                : CompletionValues.Of(option)
        );
}

/// <param name="Fixed">Words known beforehand.</param>
/// <param name="Source">
/// What to ask <c>mctl __complete</c> for, with the command's first argument, which some names depend on; null for
/// nothing.
/// </param>
internal sealed record CompletionValues(IReadOnlyList<string> Fixed, string? Source)
{
    public bool Any => Fixed.Count > 0 || Source is not null;

    public static CompletionValues Of(Symbol symbol) =>
        symbol is INamesThings names
            ? new([], names.Source)
            : new([.. symbol.GetCompletions(CompletionContext.Empty).Select(item => item.Label)], null);
}
