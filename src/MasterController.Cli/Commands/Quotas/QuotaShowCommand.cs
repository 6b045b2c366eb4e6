namespace MasterController.Cli.Commands.Quotas;

/// <summary><c>mctl quota show</c>.</summary>
internal static class QuotaShowCommand
{
    public static CliCommand Create()
    {
        var owner = QuotaCommands.Owner();
        return new CliCommand("show", "Show what an owner has and may have", "mctl quota show ci")
        {
            Run = async session =>
            {
                QuotaView.Print(session, await session.Api.GetQuotaAsync(session.Get(owner), default));
                return ExitCode.Ok;
            },
        }.With(owner);
    }
}
