namespace MasterController.Cli.Commands.Vms;

internal static class VmCommands
{
    public static CliCommand[] All() =>
        [
            VmCreateCommand.Create(),
            VmListCommand.Create(),
            VmShowCommand.Create(),
            VmStartCommand.Create(),
            VmStopCommand.Create(),
            VmRestartCommand.Create(),
            VmEgressCommand.Create(),
            VmLimitCommand.Create(),
            VmOpenCommand.Open(),
            VmOpenCommand.Close(),
            VmAddressCommands.Attach(),
            VmAddressCommands.Detach(),
            VmDeleteCommand.Create(),
            VmWaitCommand.Create(),
            VmConsoleCommand.Create(),
        ];
}
