namespace MasterController.Cli.Commands.Pools;

/// <summary><c>mctl pool add-range</c>.</summary>
internal static class PoolAddRangeCommand
{
    public static CliCommand Create()
    {
        var pool = PoolSymbols.Pool();
        var cidr = PoolSymbols.NewCidr("The network of the new range");
        var range = new PoolRangeOptions();
        var change = new PoolChangeOptions();
        return new CliCommand(
            "add-range",
            "Add a range to a pool",
            "mctl pool add-range default 10.20.0.0/16 --plan",
            "mctl pool add-range default 10.20.0.0/16 --first 10.20.1.0 --last 10.20.9.255 --reserve 10.20.5.0/24"
        )
        {
            Run = session =>
                change.RunAsync(session, session.Get(pool), range.PlanOf(session, "add-range", session.Get(cidr))),
        }.With([pool, cidr, .. range.All, .. change.All]);
    }
}
