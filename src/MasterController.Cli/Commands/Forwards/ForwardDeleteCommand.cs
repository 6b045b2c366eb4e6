using System.CommandLine;
using MasterController.Cli.Commands.External;

namespace MasterController.Cli.Commands.Forwards;

/// <summary><c>mctl forward delete</c>.</summary>
internal static class ForwardDeleteCommand
{
    public static CliCommand Create()
    {
        var ids = new NamesArgument("ID", NameSource.Forwards)
        {
            Description = "Ids of forwards: mctl forward list",
            Arity = ArgumentArity.OneOrMore,
        };
        var plan = ExternalCommands.Plan();
        return new CliCommand(
            "delete",
            "Take ports of this host back; connections that came in by them end",
            "mctl forward delete fwd_30a7c2460cb4",
            "mctl forward delete fwd_30a7c2460cb4 --plan"
        )
        {
            Run = async session =>
            {
                foreach (var id in session.Get(ids))
                {
                    ExternalChangeView.Print(
                        session,
                        await session.Api.DeleteForwardAsync(id, session.Get(plan), default),
                        plan
                    );
                }

                return ExitCode.Ok;
            },
        }.With(ids, plan);
    }
}
