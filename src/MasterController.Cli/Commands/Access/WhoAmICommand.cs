using MasterController.Cli.Api;
using MasterController.Cli.Terminal;

namespace MasterController.Cli.Commands.Access;

/// <summary><c>mctl whoami</c>.</summary>
internal static class WhoAmICommand
{
    public static CliCommand Create() =>
        new("whoami", "Say as whom the daemon knows you, and what that may do", "mctl whoami")
        {
            Run = async session =>
            {
                var who = await session.Api.WhoAmIAsync(default);
                session.Print(
                    who,
                    CliJson.Wire.WhoAmI,
                    [who.Actor],
                    () =>
                        new FieldWriter()
                            .Add("Actor", who.Actor, session.Terminal.OutInk.Bold)
                            .Add("Role", who.Role)
                            .Add("Owner", who.Owner)
                            .Add("Pool", who.Pool)
                            .Add("Expires", who.ExpiresAt is { } end ? Readable.Time(end) : null)
                            .Write(session.Out, session.Terminal.OutInk)
                );
                return ExitCode.Ok;
            },
        };
}
