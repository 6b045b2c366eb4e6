using System.CommandLine;

namespace MasterController.Cli.Commands.Network;

/// <summary><c>mctl net drift</c>.</summary>
internal static class NetworkDriftCommand
{
    private const int MostEntries = 1000;

    public static CliCommand Create()
    {
        var history = new Option<bool>("--history") { Description = "Also what was repaired, or is gone" };
        var limit = CommonOptions.Number("--limit", "Print N entries at most [100]", "N", 1, MostEntries);
        return new CliCommand(
            "drift",
            "List what of the host network differs from what it should be, since when, and whose it is",
            "mctl net drift",
            "mctl net drift --history",
            "mctl net drift -o json | jq '.items[] | select(.owner == \"ours\")'"
        )
        {
            Run = async session =>
            {
                var given = session.Get(history);
                var drift = await session.Api.GetNetworkDriftAsync(given, session.Get(limit), default);
                NetworkView.Print(session, drift, given);
                return ExitCode.Ok;
            },
        }.With(history, limit);
    }
}
