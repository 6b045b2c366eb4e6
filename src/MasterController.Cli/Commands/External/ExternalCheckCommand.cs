using MasterController.Cli.Api;
using MasterController.Cli.Terminal;
using MasterController.Contracts;

namespace MasterController.Cli.Commands.External;

/// <summary><c>mctl external check</c>.</summary>
internal static class ExternalCheckCommand
{
    public static CliCommand Create()
    {
        var name = new NameArgument("VM", NameSource.Vms) { Description = "Name or id" };
        return new CliCommand(
            "check",
            "Test how a VM is reached from outside: routes, proxies, the guest's answer, and what is open",
            "mctl external check web-1",
            "mctl external check web-1 -o json | jq '.findings[] | select(.passed == false)'"
        )
        {
            Run = async session =>
            {
                var check = await session.Api.CheckExternalAsync(session.Get(name), default);
                Print(session, check);
                return check.Passed ? ExitCode.Ok : ExitCode.Failed;
            },
        }.With(name);
    }

    private static void Print(Session session, ExternalCheck check) =>
        session.Print(
            check,
            CliJson.Wire.ExternalCheck,
            check.Findings.Where(finding => finding.Passed == false).Select(finding => finding.Subject).Distinct(),
            () =>
            {
                if (check.Findings.Count == 0)
                {
                    session.Note(
                        $"{check.Name} has no way in: mctl vm attach-address {check.Name}, or mctl forward add {check.Name}:PORT"
                    );
                    return;
                }

                var ink = session.Terminal.OutInk;
                var table = new TableWriter("", "SUBJECT", "CHECK", "FOUND");
                foreach (var finding in check.Findings)
                {
                    table.Add(Mark(ink, finding.Passed), finding.Subject, finding.Check, finding.Detail);
                }

                table.Write(session.Out, ink);
            }
        );

    private static Cell Mark(Ink ink, bool? passed) =>
        passed switch
        {
            true => new Cell("✓", ink.Green),
            false => new Cell("✗", ink.Red),
            null => new Cell("?", ink.Yellow),
        };
}
