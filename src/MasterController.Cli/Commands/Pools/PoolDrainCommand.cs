using MasterController.Contracts;

namespace MasterController.Cli.Commands.Pools;

/// <summary><c>mctl pool drain</c>.</summary>
internal static class PoolDrainCommand
{
    public static CliCommand Create()
    {
        var pool = PoolSymbols.Pool();
        var cidr = PoolSymbols.OwnCidr("A range of the pool, or a network inside one");
        var change = new PoolChangeOptions(untilBegun: true);
        return new CliCommand(
            "drain",
            "Lease nothing new from a part of a pool",
            "mctl pool drain default 192.168.100.0/25           # begins, and says how many leases are left",
            "mctl pool drain default 192.168.100.0/25 --wait    # returns when the last of them has ended"
        )
        {
            Run = session =>
                change.RunAsync(session, session.Get(pool), new CreatePlanRequest("drain", session.Get(cidr))),
        }.With([pool, cidr, .. change.All]);
    }
}
