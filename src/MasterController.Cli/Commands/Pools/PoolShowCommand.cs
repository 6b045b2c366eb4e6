using MasterController.Cli.Api;

namespace MasterController.Cli.Commands.Pools;

/// <summary><c>mctl pool show</c>.</summary>
internal static class PoolShowCommand
{
    public static CliCommand Create()
    {
        var name = PoolSymbols.PoolOrDefault();
        return new CliCommand(
            "show",
            "Show a pool's ranges and how full it is",
            "mctl pool show",
            "mctl pool show customers -o json"
        )
        {
            Run = async session =>
            {
                PoolView.Print(session, await session.Api.GetPoolAsync(session.Get(name), default));
                return ExitCode.Ok;
            },
        }.With(name);
    }
}
