using MasterController.Cli.Api;
using MasterController.Cli.Terminal;
using MasterController.Contracts;

namespace MasterController.Cli.Commands.Doctor;

/// <summary><c>mctl doctor</c>: the daemon's checks of the host; without a daemon those of its program.</summary>
internal static class DoctorCommand
{
    public static CliCommand Create() =>
        new(
            "doctor",
            "Check this host and say how to mend it; ends with 1 only when a check fails",
            "mctl doctor",
            "mctl doctor -o json | jq '.checks[] | select(.status == \"fail\")'"
        )
        {
            Run = async session =>
            {
                var report = await ReportAsync(session);
                session.Print(
                    report,
                    CliJson.Wire.DoctorReport,
                    report.Checks.Where(check => check.Status == "fail").Select(check => check.Code),
                    () => Draw(session, report)
                );
                return report.Failed > 0 ? ExitCode.Failed : ExitCode.Ok;
            },
        };

    private static async Task<DoctorReport> ReportAsync(Session session)
    {
        try
        {
            return await session.Api.GetDoctorReportAsync(default);
        }
        catch (DaemonUnreachableException e)
        {
            return await DoctorWithoutDaemon.RunAsync(session.Terminal, e, default);
        }
    }

    private static void Draw(Session session, DoctorReport report)
    {
        var ink = session.Terminal.OutInk;
        foreach (var check in report.Checks)
        {
            session.Out.Write($"{Label(ink, check.Status)}  {check.Message}  {ink.Dim($"[{check.Code}]")}\n");
            if (check.Fix is { Length: > 0 } fix && check.Status is "fail" or "warn")
            {
                session.Out.Write($"      {ink.Cyan("fix:")} {check.Fix}\n");
            }
        }

        session.Out.Write(
            $"\n{report.Passed} passed, {report.Warned} warned, {report.Failed} failed, {report.Skipped} skipped\n"
        );
    }

    private static string Label(Ink ink, string status) =>
        status switch
        {
            "pass" => ink.Green("PASS"),
            "warn" => ink.Yellow("WARN"),
            "fail" => ink.Red("FAIL"),
            "skip" => ink.Dim("SKIP"),
            _ => status.ToUpperInvariant(),
        };
}
