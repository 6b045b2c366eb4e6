namespace MasterController.Cli.Commands.Quotas;

internal static class QuotaCommands
{
    public static CliCommand[] All() =>
        [QuotaListCommand.Create(), QuotaShowCommand.Create(), QuotaSetCommand.Create(), QuotaClearCommand.Create()];

    internal static NameArgument Owner() =>
        new("OWNER", NameSource.Owners) { Description = "The owner that VMs are created with" };
}
