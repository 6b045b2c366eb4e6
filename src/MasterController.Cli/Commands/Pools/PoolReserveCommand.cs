using System.CommandLine;
using MasterController.Contracts;

namespace MasterController.Cli.Commands.Pools;

/// <summary><c>mctl pool reserve</c>.</summary>
internal static class PoolReserveCommand
{
    public static CliCommand Create()
    {
        var pool = PoolSymbols.Pool();
        var what = new Argument<string>("ADDRESS|CIDR")
        {
            Description = "An address of the pool, or a network inside it",
        };
        var change = new PoolChangeOptions();
        return new CliCommand(
            "reserve",
            "Keep addresses from being leased automatically",
            "mctl pool reserve default 192.168.100.9",
            "mctl pool reserve default 192.168.7.0/24 --yes"
        )
        {
            Run = session =>
                change.RunAsync(session, session.Get(pool), new CreatePlanRequest("reserve", session.Get(what))),
        }.With([pool, what, .. change.All]);
    }
}
