namespace MasterController.Cli.Commands.WebHooks;

internal static class WebHookCommands
{
    public static CliCommand[] All() =>
        [
            WebHookCreateCommand.Create(),
            WebHookListCommand.Create(),
            WebHookShowCommand.Create(),
            WebHookTestCommand.Create(),
            WebHookDeleteCommand.Create(),
        ];

    internal static NameArgument Name() => new("NAME", NameSource.WebHooks) { Description = "The web hook" };
}
