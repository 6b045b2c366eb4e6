using System.CommandLine;
using MasterController.Cli.Api;
using MasterController.Cli.Api.Http;

namespace MasterController.Cli.Commands.Vms;

/// <summary><c>mctl vm console</c>: what the guest wrote, and with <c>-f</c> what it goes on to write.</summary>
internal static class VmConsoleCommand
{
    public static CliCommand Create()
    {
        var name = new NameArgument("VM", NameSource.Vms) { Description = "Name or id" };
        var follow = new Option<bool>("--follow", "-f")
        {
            Description = "Go on as the guest writes, until it is deleted or Ctrl-C",
        };
        var tail = CommonOptions.Number("--tail", "Begin with the last N lines [100]", "N", 0, 100_000);
        return new CliCommand(
            "console",
            "Print what a VM wrote on its console",
            "mctl vm console web-1 --tail 50",
            "mctl vm console web-1 -f"
        )
        {
            Run = async session =>
            {
                if (session.Get(follow))
                {
                    await FollowAsync(session, session.Get(name), session.Get(tail));
                }
                else
                {
                    using var reply = await session.Api.OpenConsoleAsync(
                        session.Get(name),
                        session.Get(tail),
                        false,
                        default
                    );
                    await CopyAsync(reply.Body, session.Terminal.OutBytes, default);
                }

                return ExitCode.Ok;
            },
        }.With(name, follow, tail);
    }

    /// <summary>Through restarts of the daemon, until the VM is gone.</summary>
    private static async Task FollowAsync(Session session, string name, int? tail)
    {
        var interrupted = session.Terminal.Interrupt.Watch();
        var output = new ConsoleOutput(session.Terminal.OutBytes);
        var reconnect = new Reconnect(session);
        while (true)
        {
            var ended = await reconnect.TryAsync(
                async () =>
                {
                    using var reply = await session.Api.OpenConsoleAsync(
                        name,
                        output.Begun ? ConsoleOutput.LinesToLookBack : tail,
                        true,
                        interrupted
                    );
                    output.Connected();
                    reconnect.Connected();
                    await CopyAsync(reply.Body, output, interrupted);
                    return await EndedAsync(session, name, interrupted) ? true : throw new ConnectionLostException();
                },
                interrupted
            );
            if (ended)
            {
                return;
            }
        }
    }

    /// <summary>Whether a stream ended because its VM did, and not because the daemon goes down.</summary>
    private static async Task<bool> EndedAsync(Session session, string name, CancellationToken cancel)
    {
        try
        {
            return (await session.Api.GetVmAsync(name, cancel)).Status is "stopped" or "failed" or "deleting";
        }
        catch (ApiException e) when (e.Problem.Status == 404)
        {
            return true;
        }
        catch (DaemonUnreachableException)
        {
            return false;
        }
    }

    private static async Task CopyAsync(HttpBody body, Stream output, CancellationToken cancel)
    {
        var buffer = new byte[16 * 1024];
        for (int count; (count = await body.ReadAsync(buffer, cancel)) > 0; )
        {
            output.Write(buffer, 0, count);
        }
    }

    private static async Task CopyAsync(HttpBody body, ConsoleOutput output, CancellationToken cancel)
    {
        var buffer = new byte[16 * 1024];
        for (int count; (count = await body.ReadAsync(buffer, cancel)) > 0; )
        {
            output.Write(buffer.AsSpan(0, count));
        }
    }
}
