using System.CommandLine;

namespace MasterController.Cli.Commands.External;

/// <summary><c>mctl external rollback</c>.</summary>
internal static class ExternalRollbackCommand
{
    public static CliCommand Create()
    {
        var id = new Argument<string>("ID") { Description = "Of a change: mctl external history" };
        var plan = ExternalCommands.Plan();
        return new CliCommand(
            "rollback",
            "Undo a change of how VMs are reached, as long as nothing else has been changed there since",
            "mctl external rollback ext-eff7d689e307 --plan",
            "mctl external rollback ext-eff7d689e307"
        )
        {
            Run = async session =>
            {
                ExternalChangeView.Print(
                    session,
                    await session.Api.RollBackExternalAsync(session.Get(id), session.Get(plan), default),
                    plan
                );
                return ExitCode.Ok;
            },
        }.With(id, plan);
    }
}
