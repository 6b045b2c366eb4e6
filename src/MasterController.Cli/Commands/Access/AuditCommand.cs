using System.CommandLine;
using System.Globalization;
using MasterController.Cli.Api;
using MasterController.Cli.Errors;
using MasterController.Cli.Terminal;
using MasterController.Contracts;

namespace MasterController.Cli.Commands.Access;

/// <summary><c>mctl audit</c>: who asked for which change.</summary>
internal static class AuditCommand
{
    private const int Usual = 100;

    public static CliCommand Create()
    {
        var actor = new Option<string?>("--actor")
        {
            Description = "Only what this one asked for: \"uid:0 (root)\", \"key:ci (k-0123456789ab)\"",
            HelpName = "ACTOR",
        };
        var action = new Option<string?>("--action") { Description = "Only this: createVm", HelpName = "ACTION" };
        var subject = new Option<string?>("--subject")
        {
            Description = "Only changes of this: a VM's id, a pool, a key",
            HelpName = "SUBJECT",
        };
        var (from, to) = (
            CommonOptions.Past("--from", "Not before this: 2h, 3d, 2026-01-31T12:00 (UTC)"),
            CommonOptions.Past("--to", "Not after this")
        );
        var status = CommonOptions.Choice("--status", "Only what was refused, or done", null, "refused", "done");
        var limit = CommonOptions.Limit();
        limit.Description = $"Print the newest N entries [{Usual}; with --csv all]";
        var csv = new Option<bool>("--csv") { Description = "Print a table for spreadsheets (RFC 4180)" };
        return new CliCommand(
            "audit",
            "List who asked for which change, newest first",
            "mctl audit --from 1d --status refused",
            "mctl audit --subject default -o json | jq '.items[] | {actor, action, before, after}'",
            "mctl audit --from 2026-01-01 --csv > audit.csv"
        )
        {
            Run = async session =>
            {
                var now = session.Terminal.Time.GetUtcNow();
                IReadOnlyList<(string, string?)> filter =
                [
                    ("actor", session.Get(actor)),
                    ("action", session.Get(action)),
                    ("subject", session.Get(subject)),
                    ("from", Written(session.Get(from), now)),
                    ("to", Written(session.Get(to), now)),
                    ("status", session.Get(status)),
                ];
                if (session.Get(csv))
                {
                    return await ExportAsync(session, filter, session.Get(limit));
                }

                Print(session, await session.Api.ListAuditAsync(filter, session.Get(limit) ?? Usual, default));
                return ExitCode.Ok;
            },
        }.With(actor, action, subject, from, to, status, limit, csv);
    }

    private static async Task<int> ExportAsync(Session session, IReadOnlyList<(string, string?)> filter, int? limit)
    {
        if (session.Json || session.Quiet)
        {
            throw CliException.Usage("--csv and --output or --quiet exclude each other");
        }

        using var reply = await session.Api.ExportAuditAsync(filter, limit, default);
        session.Out.Flush();
        var buffer = new byte[16 * 1024];
        while (await reply.Body.ReadAsync(buffer, default) is > 0 and var read)
        {
            await session.Terminal.OutBytes.WriteAsync(buffer.AsMemory(0, read));
        }

        return ExitCode.Ok;
    }

    private static void Print(Session session, AuditList list) =>
        session.Print(
            list,
            CliJson.Wire.AuditList,
            list.Items.Select(entry => entry.Id.ToString(CultureInfo.InvariantCulture)),
            () =>
            {
                if (list.Items.Count == 0)
                {
                    session.Note("nothing was asked for, as far as is remembered");
                    return;
                }

                var ink = session.Terminal.OutInk;
                var table = new TableWriter(">ID", "TIME", "ACTOR", "ACTION", "SUBJECT", "STATUS", "WHAT");
                foreach (var entry in list.Items)
                {
                    table.Add(
                        entry.Id.ToString(CultureInfo.InvariantCulture),
                        Readable.Time(entry.Time),
                        entry.Actor,
                        entry.Action,
                        entry.Subject,
                        new Cell(
                            entry.Status?.ToString(CultureInfo.InvariantCulture) ?? "interrupted",
                            entry.Status is < 400 ? null : ink.Red
                        ),
                        entry.Error ?? entry.OperationId
                    );
                }

                table.Write(session.Out, ink);
                if (list.Next is not null)
                {
                    session.Note($"the newest {Readable.Count(list.Items.Count)} shown; more with --limit");
                }
            }
        );

    private static string? Written(PastTime? time, DateTimeOffset now) =>
        time?.Resolve(now).UtcDateTime.ToString("O", CultureInfo.InvariantCulture);
}
