using MasterController.Cli.Terminal;
using MasterController.Contracts;

namespace MasterController.Cli.Commands.Pools;

/// <summary>What changes of a pool have left over: gateways and addresses that are on their way out, and who holds them.</summary>
internal static class PoolLeftovers
{
    private const int MostUsers = 5;

    public static void Draw(Session session, Pool pool)
    {
        var ink = session.Terminal.OutInk;
        if (pool.KeptGateways.Count > 0)
        {
            var now = session.Terminal.Time.GetUtcNow();
            var table = new TableWriter("KEPT GATEWAY", "OF", "FOR", "WAITS FOR");
            foreach (var gateway in pool.KeptGateways)
            {
                table.Add(
                    gateway.Address,
                    gateway.Network,
                    Readable.Age(now - gateway.Since),
                    Readable.FirstOf(gateway.Users, gateway.UserCount, MostUsers)
                );
            }

            table.Write(session.Out, ink);
            session.Out.Write('\n');
        }

        if (pool.Drains.Count > 0)
        {
            var table = new TableWriter("DRAINS FROM", "TO", ">LEASES LEFT", "OPERATION");
            foreach (var drain in pool.Drains)
            {
                table.Add(drain.First, drain.Last, Readable.Count(drain.Left), drain.Operation);
            }

            table.Write(session.Out, ink);
            session.Out.Write('\n');
        }
    }
}
