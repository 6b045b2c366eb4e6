using MasterController.Cli.Api;
using MasterController.Cli.Terminal;

namespace MasterController.Cli.Commands.WebHooks;

/// <summary><c>mctl webhook test</c>: fails where the receiver does.</summary>
internal static class WebHookTestCommand
{
    public static CliCommand Create()
    {
        var name = WebHookCommands.Name();
        return new CliCommand("test", "Send a web hook an event of the type webhook.test", "mctl webhook test ci")
        {
            Run = async session =>
            {
                var result = await session.Api.TestWebHookAsync(session.Get(name), default);
                session.Print(
                    result,
                    CliJson.Wire.WebHookTest,
                    [session.Get(name)],
                    () =>
                    {
                        var took = Readable.Duration(TimeSpan.FromMilliseconds(result.Milliseconds));
                        session.Out.Write(
                            result.Delivered
                                ? $"delivered in {took}: the receiver answered {result.Status}\n"
                                : $"not delivered: {result.Error}\n"
                        );
                    }
                );
                return result.Delivered ? ExitCode.Ok : ExitCode.Failed;
            },
        }.With(name);
    }
}
