namespace MasterController.Cli.Commands.Operations;

/// <summary><c>mctl operation wait</c>: comes back to an operation that goes on in the daemon.</summary>
internal static class OperationWaitCommand
{
    public static CliCommand Create()
    {
        var id = OperationCommands.Id();
        var wait = CommonOptions.Wait(OperationFollow.DefaultWait);
        return new CliCommand(
            "wait",
            "Wait until an operation has ended, and show its progress",
            "mctl operation wait op-12",
            "mctl operation wait op-12 --wait 60"
        )
        {
            Run = async session =>
            {
                var limit = TimeSpan.FromSeconds(session.Get(wait) ?? OperationFollow.DefaultWait);
                var operation = await session.Api.GetOperationAsync(session.Get(id), TimeSpan.Zero, default);
                return await new OperationFollow(session, limit).RunAsync(operation);
            },
        }.With(id, wait);
    }
}
