namespace MasterController.Cli.Commands.Pools;

/// <summary><c>mctl pool shrink</c>.</summary>
internal static class PoolShrinkCommand
{
    public static CliCommand Create()
    {
        var pool = PoolSymbols.Pool();
        var cidr = PoolSymbols.OwnCidr("A network inside one of the pool's ranges, which becomes that small");
        var range = new PoolRangeOptions();
        var drain = PoolSymbols.Drain();
        var change = new PoolChangeOptions();
        return new CliCommand(
            "shrink",
            "Make a range of a pool smaller",
            "mctl pool shrink default 192.168.100.0/24 --plan          # also names the leases outside",
            "mctl pool shrink default 192.168.100.0/24 --drain         # waits for their end"
        )
        {
            Run = session =>
                change.RunAsync(
                    session,
                    session.Get(pool),
                    range.PlanOf(session, "shrink", session.Get(cidr)) with
                    {
                        Drain = session.Get(drain) ? true : null,
                    }
                ),
        }.With([pool, cidr, .. range.All, drain, .. change.All]);
    }
}
