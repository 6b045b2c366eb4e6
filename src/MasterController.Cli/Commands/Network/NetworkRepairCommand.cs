using System.CommandLine;

namespace MasterController.Cli.Commands.Network;

/// <summary><c>mctl net repair</c>.</summary>
internal static class NetworkRepairCommand
{
    public static CliCommand Create()
    {
        var plan = new Option<bool>("--plan") { Description = "Print what would be done; change nothing" };
        return new CliCommand(
            "repair",
            "Compare the host network now, and repair what is ours; others' is only named",
            "mctl net repair --plan     # as ip and nft commands",
            "mctl net repair",
            "mctl net repair -o json | jq .repairedCount"
        )
        {
            Run = async session =>
            {
                var repair = await session.Api.RepairNetworkAsync(session.Get(plan), default);
                NetworkView.Print(session, repair, session.CommandLineWithout(plan));
                return !repair.Planned && repair.Open.Any(drift => drift.Owner == NetworkView.Ours)
                    ? ExitCode.Failed
                    : ExitCode.Ok;
            },
        }.With(plan);
    }
}
