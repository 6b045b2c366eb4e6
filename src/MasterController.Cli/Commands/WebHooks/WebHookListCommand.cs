using MasterController.Cli.Api;
using MasterController.Cli.Terminal;
using MasterController.Contracts;

namespace MasterController.Cli.Commands.WebHooks;

/// <summary><c>mctl webhook list</c>.</summary>
internal static class WebHookListCommand
{
    public static CliCommand Create() =>
        new("list", "List web hooks and how far they have come", "mctl webhook list")
        {
            Run = async session =>
            {
                Print(session, await session.Api.ListWebHooksAsync(default));
                return ExitCode.Ok;
            },
        };

    private static void Print(Session session, WebHookList list) =>
        session.Print(
            list,
            CliJson.Wire.WebHookList,
            list.Items.Select(item => item.Name),
            () =>
            {
                if (list.Items.Count == 0)
                {
                    session.Note("there are no web hooks; make one: mctl webhook create NAME URL");
                    return;
                }

                var table = new TableWriter("NAME", "STATE", "EVENTS", "DELIVERED", "GIVEN UP", "URL");
                foreach (var item in list.Items)
                {
                    table.Add(
                        item.Name,
                        item.State,
                        item.Events.Count > 0 ? string.Join(", ", item.Events) : "all",
                        Readable.Count(item.Delivered),
                        Readable.Count(item.GivenUp),
                        item.Url
                    );
                }

                table.Write(session.Out, session.Terminal.OutInk);
            }
        );
}
