using System.CommandLine;
using MasterController.Cli.Api;
using MasterController.Cli.Errors;
using MasterController.Contracts;

namespace MasterController.Cli.Commands.WebHooks;

/// <summary><c>mctl webhook create</c>.</summary>
internal static class WebHookCreateCommand
{
    public static CliCommand Create()
    {
        var name = new Argument<string>("NAME") { Description = "What to call it: a DNS label" };
        var url = new Argument<string>("URL") { Description = "Where events are posted to" };
        var events = new Option<string[]>("--event")
        {
            Description = "Only events of this type or below it; repeat for several [all]",
            HelpName = "TYPE",
            AllowMultipleArgumentsPerToken = false,
        };
        var secret = new Option<string?>("--secret-file")
        {
            Description = "Sign with the secret in this file [a new one, which is printed]",
            HelpName = "FILE",
        };
        return new CliCommand(
            "create",
            "Have events posted to a receiver, signed",
            "mctl webhook create ci https://ci.example.com/hooks/vms --event vm --event operation.failed",
            "mctl webhook create ci https://ci.example.com/hooks/vms --secret-file secret",
            "mctl webhook create ci https://ci.example.com/hooks/vms -q > secret    # the secret alone"
        )
        {
            Run = async session =>
            {
                var given = session.Get(secret) is { } path ? await ReadAsync(path) : null;
                var made = await session.Api.CreateWebHookAsync(
                    new CreateWebHookRequest(session.Get(name), session.Get(url), session.Get(events) ?? [], given),
                    default
                );
                session.Print(
                    made,
                    CliJson.Wire.CreatedWebHook,
                    [made.Secret],
                    () =>
                    {
                        session.Out.Write($"{session.Terminal.OutInk.Bold(made.WebHook.Name)} created\n");
                        if (given is null)
                        {
                            session.Out.Write($"{made.Secret}\n");
                            session.Note("the receiver checks signatures with this secret; it is not shown again");
                        }
                    }
                );
                return ExitCode.Ok;
            },
        }.With(name, url, events, secret);
    }

    /// <exception cref="CliException">There is none in it.</exception>
    private static async Task<string> ReadAsync(string path)
    {
        try
        {
            var text = (await File.ReadAllTextAsync(path)).Trim();
            return text.Length > 0 ? text : throw CliException.Usage($"--secret-file: there is no secret in '{path}'");
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            throw CliException.Usage($"--secret-file: {unreadable.Message}");
        }
    }
}
