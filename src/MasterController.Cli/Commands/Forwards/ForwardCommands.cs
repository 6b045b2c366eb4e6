namespace MasterController.Cli.Commands.Forwards;

internal static class ForwardCommands
{
    public static CliCommand[] All() =>
        [ForwardAddCommand.Create(), ForwardListCommand.Create(), ForwardDeleteCommand.Create()];
}
