namespace MasterController.Cli.Commands.WebHooks;

/// <summary><c>mctl webhook delete</c>.</summary>
internal static class WebHookDeleteCommand
{
    public static CliCommand Create()
    {
        var name = WebHookCommands.Name();
        return new CliCommand(
            "delete",
            "Delete a web hook; what was not delivered until now never will be",
            "mctl webhook delete ci"
        )
        {
            Run = async session =>
            {
                await session.Api.DeleteWebHookAsync(session.Get(name), default);
                Deleted.Print(session, session.Get(name));
                return ExitCode.Ok;
            },
        }.With(name);
    }
}
