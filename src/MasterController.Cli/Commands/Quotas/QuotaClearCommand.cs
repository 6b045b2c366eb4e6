namespace MasterController.Cli.Commands.Quotas;

/// <summary><c>mctl quota clear</c>.</summary>
internal static class QuotaClearCommand
{
    public static CliCommand Create()
    {
        var owner = QuotaCommands.Owner();
        return new CliCommand("clear", "Let the configured limits hold for an owner again", "mctl quota clear ci")
        {
            Run = async session =>
            {
                await session.Api.ClearQuotaAsync(session.Get(owner), default);
                QuotaView.Print(session, await session.Api.GetQuotaAsync(session.Get(owner), default));
                return ExitCode.Ok;
            },
        }.With(owner);
    }
}
