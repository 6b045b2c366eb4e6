using System.CommandLine;

namespace MasterController.Cli.Commands.Leases;

internal static class LeaseCommands
{
    public static CliCommand[] All() =>
        [LeaseListCommand.Create(), LeaseCreateCommand.Create(), LeaseDeleteCommand.Create()];

    /// <summary>The pool of a lease command, "default" when it is not given.</summary>
    public static NameOption Pool()
    {
        var pool = CommonOptions.Pool("The pool [default]");
        pool.DefaultValueFactory = static _ => "default";
        return pool;
    }
}
