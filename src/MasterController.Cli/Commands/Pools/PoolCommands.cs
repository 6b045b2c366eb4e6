namespace MasterController.Cli.Commands.Pools;

internal static class PoolCommands
{
    public static CliCommand[] All() =>
        [
            PoolListCommand.Create(),
            PoolShowCommand.Create(),
            PoolCreateCommand.Create(),
            PoolExpandCommand.Create(),
            PoolShrinkCommand.Create(),
            PoolAddRangeCommand.Create(),
            PoolRemoveRangeCommand.Create(),
            PoolDrainCommand.Create(),
            PoolUndrainCommand.Create(),
            PoolReserveCommand.Create(),
            PoolUnreserveCommand.Create(),
            PoolRollbackCommand.Create(),
            PoolConfirmCommand.Create(),
            PoolHistoryCommand.Create(),
            PoolStatsCommand.Create(),
            PoolFreeCommand.Create(),
            PoolDeleteCommand.Create(),
        ];
}
