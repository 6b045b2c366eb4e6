using MasterController.Cli.Api;
using MasterController.Cli.Terminal;

namespace MasterController.Cli.Commands.Leases;

/// <summary><c>mctl lease list</c>: every page of it.</summary>
internal static class LeaseListCommand
{
    public static CliCommand Create()
    {
        var pool = LeaseCommands.Pool();
        var limit = CommonOptions.Limit();
        return new CliCommand(
            "list",
            "List who holds which address of a pool",
            "mctl lease list",
            "mctl lease list --pool customers --limit 20"
        )
        {
            Run = async session =>
            {
                var list = await session.Api.ListLeasesAsync(session.Get(pool)!, session.Get(limit), default);
                session.Print(
                    list,
                    CliJson.Wire.LeaseList,
                    list.Items.Select(lease => lease.Address),
                    () =>
                    {
                        var now = session.Terminal.Time.GetUtcNow();
                        var table = new TableWriter("ADDRESS", "OWNER", "POOL", "NETWORK", "GATEWAY", "AGE");
                        foreach (var lease in list.Items)
                        {
                            table.Add(
                                lease.Address,
                                lease.Owner,
                                lease.Pool,
                                lease.Network,
                                lease.Gateway,
                                Readable.Age(now - lease.Since)
                            );
                        }

                        table.Write(session.Out, session.Terminal.OutInk);
                        if (list.Next is not null)
                        {
                            session.Note($"{Readable.Count(list.Items.Count)} of {Readable.Count(list.Total)} shown");
                        }
                    }
                );
                return ExitCode.Ok;
            },
        }.With(pool, limit);
    }
}
