using MasterController.Cli.Api;

namespace MasterController.Cli.Commands.Statistics;

/// <summary><c>mctl stats</c>.</summary>
internal static class StatsCommand
{
    public static CliCommand Create()
    {
        var top = CommonOptions.Number(
            "--top",
            "With -o json: the N fullest and the N emptiest /24s of each pool [10]",
            "N",
            0,
            1000
        );
        return new CliCommand(
            "stats",
            "Show everything at once: pools, VMs, and what is to be looked at",
            "mctl stats",
            "mctl stats -o json | jq '.alerts[] | {severity, subject, message, fix}'"
        )
        {
            Run = async session =>
            {
                var stats = await session.Api.GetStatsAsync(session.Get(top), default);
                session.Print(
                    stats,
                    CliJson.Wire.Stats,
                    stats.Alerts.Select(alert => $"{alert.Severity} {alert.Code} {alert.Subject}"),
                    () => StatsView.Draw(session, stats)
                );
                return ExitCode.Ok;
            },
        }.With(top);
    }
}
