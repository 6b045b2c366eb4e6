using System.CommandLine;

namespace MasterController.Cli.Commands.Leases;

/// <summary><c>mctl lease delete</c>.</summary>
internal static class LeaseDeleteCommand
{
    public static CliCommand Create()
    {
        var address = new NameArgument("ADDRESS", NameSource.Leases) { Description = "The leased address" };
        var owner = new Option<string>("--owner")
        {
            Description = "Who holds it; the lease of another owner stays",
            HelpName = "OWNER",
            Required = true,
        };
        var pool = LeaseCommands.Pool();
        return new CliCommand(
            "delete",
            "Give a leased address back",
            "mctl lease delete 192.168.100.50 --owner printer"
        )
        {
            Run = async session =>
            {
                await session.Api.DeleteLeaseAsync(
                    session.Get(pool)!,
                    session.Get(address),
                    session.Get(owner)!,
                    default
                );
                Deleted.Print(session, session.Get(address));
                return ExitCode.Ok;
            },
        }.With(address, owner, pool);
    }
}
