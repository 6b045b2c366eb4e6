using MasterController.Contracts;

namespace MasterController.Cli.Commands.Pools;

/// <summary><c>mctl pool unreserve</c>.</summary>
internal static class PoolUnreserveCommand
{
    public static CliCommand Create()
    {
        var pool = PoolSymbols.Pool();
        var what = new NameArgument("ADDRESS|CIDR", NameSource.Reservations)
        {
            Description = "A reservation of the pool",
        };
        var change = new PoolChangeOptions();
        return new CliCommand(
            "unreserve",
            "Let reserved addresses be leased again",
            "mctl pool unreserve default 192.168.7.0/24"
        )
        {
            Run = session =>
                change.RunAsync(session, session.Get(pool), new CreatePlanRequest("unreserve", session.Get(what))),
        }.With([pool, what, .. change.All]);
    }
}
