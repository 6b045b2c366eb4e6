using MasterController.Cli.Api;

namespace MasterController.Cli.Commands.Pools;

/// <summary><c>mctl pool stats</c>.</summary>
internal static class PoolStatsCommand
{
    public static CliCommand Create()
    {
        var pool = PoolSymbols.PoolOrDefault();
        var top = CommonOptions.Number("--top", "List the N fullest and the N emptiest /24s [10]", "N", 0, 1000);
        return new CliCommand(
            "stats",
            "Show how full a pool is, where, and when it will be full",
            "mctl pool stats",
            "mctl pool stats customers --top 3",
            "mctl pool stats -o json | jq '.forecast[] | {window, outcome, fullAt}'"
        )
        {
            Run = async session =>
            {
                var stats = await session.Api.GetPoolStatsAsync(session.Get(pool), session.Get(top), default);
                session.Print(stats, CliJson.Wire.PoolStats, [stats.Pool], () => PoolStatsView.Draw(session, stats));
                return ExitCode.Ok;
            },
        }.With(pool, top);
    }
}
