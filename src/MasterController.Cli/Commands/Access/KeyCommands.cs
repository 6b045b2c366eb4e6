namespace MasterController.Cli.Commands.Access;

internal static class KeyCommands
{
    public static CliCommand[] All() => [KeyCreateCommand.Create(), KeyListCommand.Create(), KeyRevokeCommand.Create()];
}
