namespace MasterController.Cli.Commands.Operations;

/// <summary><c>mctl operation show</c>.</summary>
internal static class OperationShowCommand
{
    public static CliCommand Create()
    {
        var id = OperationCommands.Id();
        return new CliCommand("show", "Show an operation and its steps", "mctl operation show op-12")
        {
            Run = async session =>
            {
                OperationView.Print(
                    session,
                    await session.Api.GetOperationAsync(session.Get(id), TimeSpan.Zero, default)
                );
                return ExitCode.Ok;
            },
        }.With(id);
    }
}
