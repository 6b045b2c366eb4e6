using MasterController.Cli.Commands;
using MasterController.Cli.Commands.Completion;

namespace MasterController.Tests.Cli;

internal static class CommandWords
{
    public static CompletionWords Root() =>
        CompletionWords.Of(CommandTree.Build(new GlobalOptions(), [CompletionCommand.Name]));

    /// <summary>Every command but the root.</summary>
    public static IEnumerable<CompletionWords> All() => Root().All().Skip(1);
}
