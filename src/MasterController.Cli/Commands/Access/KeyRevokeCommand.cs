using MasterController.Cli.Terminal;

namespace MasterController.Cli.Commands.Access;

/// <summary><c>mctl key revoke</c>: what is named is ended without a question, as VMs are deleted.</summary>
internal static class KeyRevokeCommand
{
    public static CliCommand Create()
    {
        var name = new NameArgument("NAME", NameSource.Keys) { Description = "The key, by name or id" };
        return new CliCommand(
            "revoke",
            "End an API key: it is refused at once, and what goes on in its name ends",
            "mctl key revoke ci"
        )
        {
            Run = async session =>
            {
                await session.Api.RevokeKeyAsync(session.Get(name), default);
                Deleted.Print(session, session.Get(name), "revoked");
                return ExitCode.Ok;
            },
        }.With(name);
    }
}
