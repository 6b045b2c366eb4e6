namespace MasterController.Cli.Commands.Pools;

/// <summary><c>mctl pool expand</c>.</summary>
internal static class PoolExpandCommand
{
    public static CliCommand Create()
    {
        var pool = PoolSymbols.Pool();
        var cidr = PoolSymbols.NewCidr(
            "A network around one of the pool's ranges, which grows to it, or a further one"
        );
        var range = new PoolRangeOptions();
        var change = new PoolChangeOptions();
        return new CliCommand(
            "expand",
            "Grow a pool under its running VMs",
            "mctl pool expand default 192.168.0.0/16 --plan            # look at what would be done",
            "mctl pool expand default 192.168.0.0/16                   # the same, asked, and applied",
            "mctl pool expand default 10.0.0.0/8 --yes --confirm-within 5m"
        )
        {
            Run = session =>
                change.RunAsync(session, session.Get(pool), range.PlanOf(session, "expand", session.Get(cidr))),
        }.With([pool, cidr, .. range.All, .. change.All]);
    }
}
