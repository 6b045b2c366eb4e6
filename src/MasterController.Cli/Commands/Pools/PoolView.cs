using System.Globalization;
using MasterController.Cli.Api;
using MasterController.Cli.Terminal;
using MasterController.Contracts;

namespace MasterController.Cli.Commands.Pools;

/// <summary>How a pool looks on the terminal.</summary>
internal static class PoolView
{
    public static void Print(Session session, Pool pool) =>
        session.Print(pool, CliJson.Wire.Pool, [pool.Name], () => Draw(session, pool));

    private static void Draw(Session session, Pool pool)
    {
        var (writer, ink) = (session.Out, session.Terminal.OutInk);
        new AddressUse(pool.Total, pool.Used, pool.Cooling, pool.Reserved, pool.Free).Draw(writer, ink, pool.Name);
        var table = new TableWriter("RANGE", "FIRST", "LAST", "GATEWAY", "RESERVED");
        foreach (var range in pool.Ranges)
        {
            table.Add(range.Cidr, range.First, range.Last, range.Gateway, string.Join(",", range.Reservations));
        }

        table.Write(writer, ink);
        writer.Write('\n');
        PoolLeftovers.Draw(session, pool);
        new FieldWriter()
            .Add("Confirm", Confirm(pool), ink.Yellow)
            .Add("Strategy", pool.Strategy)
            .Add("Cool-down", $"{pool.CooldownSeconds} s before another owner gets a released address")
            .Add(
                "Early reuse",
                pool.AllowEarlyReuse ? "allowed, when no address is free: the one that has cooled longest" : "refused"
            )
            .Add("Network", pool.Network == "bridge" ? "bridge: ports of fcbr0" : pool.Network)
            .Add("VM to VM", pool.AllowVmToVm ? "allowed" : "refused")
            .Add("Version", pool.Version.ToString(CultureInfo.InvariantCulture))
            .Write(writer, ink);
    }

    private static string? Confirm(Pool pool) =>
        pool.AwaitsConfirmation is { } operation
            ? $"{operation} is rolled back unless you say: mctl pool confirm {pool.Name}"
            : null;
}
