namespace MasterController.Cli.Commands.Operations;

internal static class OperationCommands
{
    public static CliCommand[] All() =>
        [OperationListCommand.Create(), OperationShowCommand.Create(), OperationWaitCommand.Create()];

    public static NameArgument Id() => new("ID", NameSource.Operations) { Description = "The operation's id" };
}
