namespace MasterController.Cli.Commands.Network;

/// <summary><c>mctl net status</c>.</summary>
internal static class NetworkStatusCommand
{
    public static CliCommand Create() =>
        new(
            "status",
            "Show how the host network is: attachments, drift, limits that the pools would hit",
            "mctl net status",
            "mctl net status -o json | jq .drift"
        )
        {
            Run = async session =>
            {
                NetworkView.Print(session, await session.Api.GetNetworkAsync(default));
                return ExitCode.Ok;
            },
        };
}
