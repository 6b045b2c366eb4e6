namespace MasterController.Cli.Commands.Addresses;

/// <summary><c>mctl ip why</c>.</summary>
internal static class AddressWhyCommand
{
    public static CliCommand Create()
    {
        var address = AddressCommands.Address();
        return new CliCommand(
            "why",
            "Say what an address is, who has it, and why it cannot be leased",
            "mctl ip why 192.168.7.9",
            "mctl ip why 192.168.7.9 -o json | jq -r .state"
        )
        {
            Run = async session =>
            {
                AddressView.Print(session, await session.Api.ExplainAddressAsync(session.Get(address), default));
                return ExitCode.Ok;
            },
        }.With(address);
    }
}
