using System.CommandLine;
using MasterController.Cli.Api;
using MasterController.Cli.Errors;
using MasterController.Cli.Terminal;
using MasterController.Contracts;

namespace MasterController.Cli.Commands.Events;

/// <summary><c>mctl events</c>: what happens, as it happens; goes on after the last one seen when the daemon restarts.</summary>
internal static class EventsCommand
{
    public static CliCommand Create()
    {
        var type = new Option<string?>("--type")
        {
            Description = "Only events of this type or below it: vm, vm.failed, pool",
            HelpName = "TYPE",
        };
        var after = new Option<long?>("--after")
        {
            Description = "Begin with what came after this event [from now on]",
            HelpName = "ID",
        };
        var history = new Option<bool>("--history") { Description = "Print what has happened, oldest first, and end" };
        var subject = new Option<string?>("--subject")
        {
            Description = "With --history: only events about this VM id, pool, address or operation",
            HelpName = "SUBJECT",
        };
        var since = CommonOptions.Past("--since", "With --history: from then on: 10m, 2h, 2026-01-31T12:00 (UTC)");
        var until = CommonOptions.Past("--until", "With --history: until then");
        var limit = CommonOptions.Number("--limit", "With --history: print the newest N [100]", "N", 1, int.MaxValue);
        return new CliCommand(
            "events",
            "Print events as they happen, until Ctrl-C, or those of the past",
            "mctl events --type vm",
            "mctl events -o json | jq -r 'select(.type == \"vm.failed\") | .subject'",
            "mctl events --history --type operation.failed --since 2d"
        )
        {
            Run = async session =>
            {
                if (session.Get(history))
                {
                    var now = session.Terminal.Time.GetUtcNow();
                    var list = await session.Api.ListEventsAsync(
                        session.Get(type),
                        session.Get(subject),
                        session.Get(since)?.Resolve(now),
                        session.Get(until)?.Resolve(now),
                        session.Get(limit) ?? 100,
                        default
                    );
                    foreach (var item in list.Items.Reverse())
                    {
                        Print(session, item);
                    }

                    return ExitCode.Ok;
                }

                if (new Option[] { subject, since, until, limit }.FirstOrDefault(session.Given) is { } alone)
                {
                    throw CliException.Usage($"{alone.Name} is of the past: add --history");
                }

                await FollowAsync(session, session.Get(type), session.Get(after));
                return ExitCode.Ok;
            },
        }.With(type, after, history, subject, since, until, limit);
    }

    private static async Task FollowAsync(Session session, string? type, long? last)
    {
        var interrupted = session.Terminal.Interrupt.Watch();
        var reconnect = new Reconnect(session);
        while (true)
        {
            await reconnect.TryAsync(
                async () =>
                {
                    await foreach (
                        var item in session.Api.ReadEventsAsync(type, last, reconnect.Connected, interrupted)
                    )
                    {
                        last = item.Id;
                        Print(session, item);
                    }

                    // A stream of events has no end of its own: the daemon is going down.
                    throw new ConnectionLostException();
                },
                interrupted
            );
        }
    }

    private static void Print(Session session, Event item)
    {
        var ink = session.Terminal.OutInk;
        session.Print(
            item,
            CliJson.Line.Event,
            [item.Subject],
            () =>
                session.Out.Write(
                    $"{ink.Dim(Readable.Time(item.Time))}  {ink.Cyan(item.Type.PadRight(16))}  {ink.Bold(item.Subject)}  {item.Message}\n"
                )
        );
        session.Out.Flush();
    }
}
