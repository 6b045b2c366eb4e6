using MasterController.Cli.Api;
using MasterController.Cli.Terminal;
using MasterController.Contracts;

namespace MasterController.Cli.Commands.Pools;

/// <summary><c>mctl pool free</c>.</summary>
internal static class PoolFreeCommand
{
    public static CliCommand Create()
    {
        var pool = PoolSymbols.PoolOrDefault();
        var limit = CommonOptions.Number("--limit", "Print the lowest N stretches at most [100]", "N", 1, 1000);
        return new CliCommand(
            "free",
            "List the free addresses of a pool as stretches, and which is next",
            "mctl pool free",
            "mctl pool free customers --limit 5",
            "mctl pool free -o json | jq -r .next"
        )
        {
            Run = async session =>
            {
                var free = await session.Api.GetPoolFreeAsync(session.Get(pool), session.Get(limit), default);
                session.Print(
                    free,
                    CliJson.Wire.FreeAddresses,
                    free.Items.Select(stretch =>
                        stretch.Count == 1 ? stretch.First : $"{stretch.First}-{stretch.Last}"
                    ),
                    () => Draw(session, free)
                );
                return ExitCode.Ok;
            },
        }.With(pool, limit);
    }

    private static void Draw(Session session, FreeAddresses free)
    {
        var (writer, ink) = (session.Out, session.Terminal.OutInk);
        writer.Write(
            $"{ink.Bold(free.Pool)}  {Readable.Count(free.Free)} of {Readable.Count(free.Total)} addresses free"
        );
        writer.Write($" ({Readable.Percent(free.Free, free.Total)})\n");
        writer.Write($"next: {free.Next ?? $"- ({free.NextReason})"}\n");
        if (free.Items.Count == 0)
        {
            return;
        }

        writer.Write('\n');
        var table = new TableWriter("FIRST", "LAST", ">ADDRESSES");
        foreach (var stretch in free.Items)
        {
            table.Add(stretch.First, stretch.Last, Readable.Count(stretch.Count));
        }

        table.Write(writer, ink);
        if (free.More > 0)
        {
            session.Note($"{Readable.Count(free.More)} more of them");
        }
    }
}
