using System.Globalization;
using MasterController.Cli.Api;
using MasterController.Cli.Terminal;
using MasterController.Contracts;

namespace MasterController.Cli.Commands.Pools;

/// <summary><c>mctl pool history</c>.</summary>
internal static class PoolHistoryCommand
{
    /// <summary>More would make a line longer than most terminals are wide.</summary>
    private const int MostNetworks = 3;

    public static CliCommand Create()
    {
        var pool = PoolSymbols.PoolOrDefault();
        return new CliCommand(
            "history",
            "List every definition that a pool has had",
            "mctl pool history default",
            "mctl pool history default -o json | jq '.items[] | {version, action}'"
        )
        {
            Run = async session =>
            {
                var list = await session.Api.GetPoolHistoryAsync(session.Get(pool), default);
                session.Print(
                    list,
                    CliJson.Wire.PoolVersionList,
                    list.Items.Select(version => Number(version.Version)),
                    () => Draw(session, session.Get(pool), list.Items)
                );
                return ExitCode.Ok;
            },
        }.With(pool);
    }

    private static void Draw(Session session, string pool, IReadOnlyList<PoolVersion> versions)
    {
        var ink = session.Terminal.OutInk;
        var table = new TableWriter(">VERSION", "TIME", "ACTION", ">CAPACITY", "OPERATION", "BY", "RANGES");
        foreach (var version in versions)
        {
            var networks = Readable.FirstOf(
                [.. version.Ranges.Select(range => range.Cidr)],
                version.Ranges.Count,
                MostNetworks
            );
            var kept = version.KeptGateways.Count > 0 ? $" (keeps {string.Join(", ", version.KeptGateways)})" : "";
            table.Add(
                new Cell((version.Current ? "* " : "") + Number(version.Version), version.Current ? ink.Green : null),
                Readable.Time(version.Time),
                version.Action,
                Readable.Count(version.Capacity),
                version.Operation,
                version.By,
                networks + kept
            );
        }

        table.Write(session.Out, ink);
        if (versions.Count > 1)
        {
            session.Note(
                $"* is in force; undo the last change: mctl pool rollback {pool}, or name a VERSION behind it"
            );
        }
    }

    private static string Number(long version) => version.ToString(CultureInfo.InvariantCulture);
}
