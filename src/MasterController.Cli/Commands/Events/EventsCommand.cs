using System.CommandLine;
using System.Text.Json;
using MasterController.Cli.Api;
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
        return new CliCommand(
            "events",
            "Print events as they happen, until Ctrl-C",
            "mctl events --type vm",
            "mctl events -o json | jq -r 'select(.type == \"vm.failed\") | .subject'"
        )
        {
            Run = async session =>
            {
                await FollowAsync(session, session.Get(type), session.Get(after));
                return ExitCode.Ok;
            },
        }.With(type, after);
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
                    // Ids begin at 1 again at each start of the daemon.
                    last = reconnect.Restarted ? 0 : last;
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
