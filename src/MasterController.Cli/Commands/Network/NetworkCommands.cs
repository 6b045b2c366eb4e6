namespace MasterController.Cli.Commands.Network;

internal static class NetworkCommands
{
    public static CliCommand[] All() => [NetworkAdoptCommand.Create()];
}
