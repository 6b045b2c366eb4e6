using System.CommandLine;

namespace MasterController.Cli.Commands.External;

internal static class ExternalCommands
{
    public const int MostItems = 1000;

    public static CliCommand[] All() =>
        [
            ExternalShowCommand.Create(),
            ExternalAddressesCommand.Create(),
            ExternalCheckCommand.Create(),
            ExternalHistoryCommand.Create(),
            ExternalRollbackCommand.Create(),
        ];

    /// <summary>Of every command that changes how a VM is reached.</summary>
    public static Option<bool> Plan() => new("--plan") { Description = "Print what would be done; change nothing" };

    public static Option<string[]> From(string description) =>
        new("--from")
        {
            Description = description,
            HelpName = "CIDR",
            Arity = ArgumentArity.OneOrMore,
        };

    /// <summary>Null where it was not given: everybody.</summary>
    public static IReadOnlyList<string>? FromOf(Session session, Option<string[]> from) =>
        session.Given(from) ? session.Get(from) : null;
}
