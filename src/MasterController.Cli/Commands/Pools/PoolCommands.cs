namespace MasterController.Cli.Commands.Pools;

internal static class PoolCommands
{
    public static CliCommand[] All() =>
        [PoolListCommand.Create(), PoolShowCommand.Create(), PoolCreateCommand.Create(), PoolDeleteCommand.Create()];
}
