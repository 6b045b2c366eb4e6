namespace MasterController.Cli.Commands.Addresses;

internal static class AddressCommands
{
    public static CliCommand[] All() => [AddressWhyCommand.Create(), AddressHistoryCommand.Create()];

    /// <summary>Any address may be asked for; those that somebody holds are completed.</summary>
    public static NameArgument Address() => new("ADDRESS", NameSource.Leases) { Description = "An IPv4 address" };
}
