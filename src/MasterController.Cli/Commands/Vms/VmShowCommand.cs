namespace MasterController.Cli.Commands.Vms;

/// <summary><c>mctl vm show</c>.</summary>
internal static class VmShowCommand
{
    public static CliCommand Create()
    {
        var name = new NameArgument("VM", NameSource.Vms) { Description = "Name or id" };
        return new CliCommand(
            "show",
            "Show everything about a VM",
            "mctl vm show web-1",
            "mctl vm show web-1 -o json | jq -r .address"
        )
        {
            Run = async session =>
            {
                VmView.Print(session, await session.Api.GetVmAsync(session.Get(name), default));
                return ExitCode.Ok;
            },
        }.With(name);
    }
}
