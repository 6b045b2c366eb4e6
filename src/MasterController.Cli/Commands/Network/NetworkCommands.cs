namespace MasterController.Cli.Commands.Network;

internal static class NetworkCommands
{
    public static CliCommand[] All() =>
        [
            NetworkStatusCommand.Create(),
            NetworkDriftCommand.Create(),
            NetworkRepairCommand.Create(),
            NetworkTrafficCommand.Create(),
            NetworkAdoptCommand.Create(),
        ];
}
