using MasterController.Cli.Api;
using MasterController.Cli.Terminal;

namespace MasterController.Cli.Commands.Pools;

/// <summary><c>mctl pool list</c>.</summary>
internal static class PoolListCommand
{
    public static CliCommand Create() =>
        new(
            "list",
            "List IP pools and how full they are",
            "mctl pool list",
            "mctl pool list -o json | jq '.items[] | {name, free}'"
        )
        {
            Run = async session =>
            {
                var list = await session.Api.ListPoolsAsync(default);
                session.Print(
                    list,
                    CliJson.Wire.PoolList,
                    list.Items.Select(pool => pool.Name),
                    () =>
                    {
                        var table = new TableWriter(
                            "NAME",
                            "RANGES",
                            ">USED",
                            ">COOLING",
                            ">RESERVED",
                            ">FREE",
                            ">TOTAL",
                            ">USED %"
                        );
                        foreach (var pool in list.Items)
                        {
                            table.Add(
                                pool.Name,
                                string.Join(",", pool.Ranges.Select(range => range.Cidr)),
                                Readable.Count(pool.Used),
                                Readable.Count(pool.Cooling),
                                Readable.Count(pool.Reserved),
                                Readable.Count(pool.Free),
                                Readable.Count(pool.Total),
                                Readable.Percent(pool.Used, pool.Total)
                            );
                        }

                        table.Write(session.Out, session.Terminal.OutInk);
                    }
                );
                return ExitCode.Ok;
            },
        };
}
