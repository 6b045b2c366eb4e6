namespace MasterController.Cli.Commands.Pools;

/// <summary><c>mctl pool delete</c>: the daemon refuses while there are leases, so nothing is asked.</summary>
internal static class PoolDeleteCommand
{
    public static CliCommand Create()
    {
        var name = PoolSymbols.Pool();
        return new CliCommand("delete", "Delete a pool that has no leases", "mctl pool delete lab")
        {
            Run = async session =>
            {
                await session.Api.DeletePoolAsync(session.Get(name), default);
                Deleted.Print(session, session.Get(name));
                return ExitCode.Ok;
            },
        }.With(name);
    }
}
