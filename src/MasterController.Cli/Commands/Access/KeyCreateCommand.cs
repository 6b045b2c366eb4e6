using System.CommandLine;
using MasterController.Cli.Api;
using MasterController.Cli.Errors;
using MasterController.Cli.Terminal;
using MasterController.Contracts;

namespace MasterController.Cli.Commands.Access;

/// <summary><c>mctl key create</c>: the secret alone goes to standard output, so that it can be put into a file.</summary>
internal static class KeyCreateCommand
{
    private const int MostDays = 3650;

    public static CliCommand Create()
    {
        var name = new Argument<string>("NAME") { Description = "a-z, 0-9 and -; nobody else's" };
        var role = CommonOptions.Choice("--role", "What it may do", null, "viewer", "operator", "admin");
        var owner = new Option<string?>("--owner")
        {
            Description = "Only VMs and leases of this owner",
            HelpName = "OWNER",
        };
        var pool = CommonOptions.Pool("Only VMs and leases of this pool");
        var expires = new Option<TimeSpan?>("--expires")
        {
            Description = "When it ends: 12h, 30d, 52w [never]",
            HelpName = "DURATION",
            CustomParser = result =>
            {
                var text = result.Tokens.Count > 0 ? result.Tokens[0].Value : "";
                if (
                    WrittenSpan.Parse(text, "mhdw") is { } span
                    && span >= TimeSpan.FromMinutes(1)
                    && span <= TimeSpan.FromDays(MostDays)
                )
                {
                    return span;
                }

                result.AddError($"--expires: '{text}' is no duration from 1m to {MostDays}d; write 12h, 30d or 52w");
                return null;
            },
        };
        return new CliCommand(
            "create",
            "Create an API key and print its secret, this one time",
            "mctl key create ci --role operator --owner ci --expires 90d",
            "mctl key create grafana --role viewer -q > grafana.key"
        )
        {
            Run = async session =>
            {
                var wish = new CreateApiKeyRequest(
                    session.Get(name),
                    session.Get(role) ?? throw CliException.Usage("which role? Add --role viewer, operator or admin"),
                    session.Get(owner),
                    session.Get(pool),
                    (long?)session.Get(expires)?.TotalSeconds
                );
                var made = await session.Api.CreateKeyAsync(wish, default);
                session.Print(
                    made,
                    CliJson.Wire.CreatedApiKey,
                    [made.Secret],
                    () =>
                    {
                        session.Out.Write(made.Secret + "\n");
                        session.Note(
                            $"{made.Key.Name} ({made.Key.Id}), {made.Key.Role}"
                                + (made.Key.ExpiresAt is { } end ? $", until {Readable.Time(end)}" : "")
                                + "; the secret is not shown again"
                        );
                    }
                );
                return ExitCode.Ok;
            },
        }.With(name, role, owner, pool, expires);
    }
}
