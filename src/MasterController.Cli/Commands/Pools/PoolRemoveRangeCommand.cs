using MasterController.Contracts;

namespace MasterController.Cli.Commands.Pools;

/// <summary><c>mctl pool remove-range</c>.</summary>
internal static class PoolRemoveRangeCommand
{
    public static CliCommand Create()
    {
        var pool = PoolSymbols.Pool();
        var cidr = PoolSymbols.OwnCidr("The range's network");
        var drain = PoolSymbols.Drain();
        var change = new PoolChangeOptions();
        return new CliCommand(
            "remove-range",
            "Take a range out of a pool",
            "mctl pool remove-range default 10.20.0.0/16",
            "mctl pool remove-range default 10.20.0.0/16 --drain --yes --no-wait"
        )
        {
            Run = session =>
                change.RunAsync(
                    session,
                    session.Get(pool),
                    new CreatePlanRequest("remove-range", session.Get(cidr), Drain: session.Get(drain) ? true : null)
                ),
        }.With([pool, cidr, drain, .. change.All]);
    }
}
