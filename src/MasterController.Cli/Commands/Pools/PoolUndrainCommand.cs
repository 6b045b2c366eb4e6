using MasterController.Contracts;

namespace MasterController.Cli.Commands.Pools;

/// <summary><c>mctl pool undrain</c>.</summary>
internal static class PoolUndrainCommand
{
    public static CliCommand Create()
    {
        var pool = PoolSymbols.Pool();
        var cidr = PoolSymbols.OwnCidr("The network that was drained");
        var change = new PoolChangeOptions();
        return new CliCommand(
            "undrain",
            "Lease from addresses again that were draining",
            "mctl pool undrain default 192.168.100.0/25"
        )
        {
            Run = session =>
                change.RunAsync(session, session.Get(pool), new CreatePlanRequest("undrain", session.Get(cidr))),
        }.With([pool, cidr, .. change.All]);
    }
}
