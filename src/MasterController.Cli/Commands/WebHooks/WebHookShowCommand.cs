using System.Globalization;
using MasterController.Cli.Api;
using MasterController.Cli.Terminal;
using MasterController.Contracts;

namespace MasterController.Cli.Commands.WebHooks;

/// <summary><c>mctl webhook show</c>.</summary>
internal static class WebHookShowCommand
{
    public static CliCommand Create()
    {
        var name = WebHookCommands.Name();
        return new CliCommand("show", "Show a web hook and what keeps it from delivering", "mctl webhook show ci")
        {
            Run = async session =>
            {
                var hook = await session.Api.GetWebHookAsync(session.Get(name), default);
                session.Print(hook, CliJson.Wire.WebHook, [hook.Name], () => Print(session, hook));
                return ExitCode.Ok;
            },
        }.With(name);
    }

    private static void Print(Session session, WebHook hook) =>
        new FieldWriter()
            .Add("name", hook.Name)
            .Add("url", hook.Url)
            .Add("events", hook.Events.Count > 0 ? string.Join(", ", hook.Events) : "all")
            .Add("state", hook.State)
            .Add("error", hook.LastError)
            .Add("next attempt", hook.NextAttemptAt is { } next ? Readable.Time(next) : null)
            .Add("last delivery", hook.LastDeliveryAt is { } last ? Readable.Time(last) : null)
            .Add("delivered", Readable.Count(hook.Delivered))
            .Add("given up", hook.GivenUp > 0 ? Readable.Count(hook.GivenUp) : null)
            .Add("up to event", hook.LastEventId.ToString(CultureInfo.InvariantCulture))
            .Add("created", Readable.Time(hook.CreatedAt))
            .Write(session.Out, session.Terminal.OutInk);
}
