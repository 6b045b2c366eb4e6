namespace MasterController.Cli.Commands.Addresses;

/// <summary><c>mctl ip history</c>.</summary>
internal static class AddressHistoryCommand
{
    private const int MostEntries = 1000;

    public static CliCommand Create()
    {
        var address = AddressCommands.Address();
        var at = CommonOptions.Past(
            "--at",
            "Who had it then, and what came before: 10m, 2h, \"3d ago\", 2026-01-31T12:00 (UTC)"
        );
        var limit = CommonOptions.Number("--limit", "Print the newest N entries [100]", "N", 1, MostEntries);
        return new CliCommand(
            "history",
            "Say who has had an address, and what its pool made of it",
            "mctl ip history 192.168.7.9",
            "mctl ip history 192.168.7.9 --at 2h",
            "mctl ip history 192.168.7.9 --at 2026-01-31T12:00Z -q     # who had it then"
        )
        {
            Run = async session =>
            {
                var history = await session.Api.GetAddressHistoryAsync(
                    session.Get(address),
                    session.Get(at)?.Resolve(session.Terminal.Time.GetUtcNow()),
                    session.Get(limit),
                    default
                );
                AddressView.Print(session, history);
                return ExitCode.Ok;
            },
        }.With(address, at, limit);
    }
}
