using MasterController.Cli.Api;
using MasterController.Contracts;

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
                var vm = await session.Api.GetVmAsync(session.Get(name), default);
                // The VM's own document has no counters; a person wants to see both.
                var traffic = session.Json || session.Quiet ? null : await TrafficAsync(session, vm.Id);
                VmView.Print(session, vm, traffic);
                return ExitCode.Ok;
            },
        }.With(name);
    }

    /// <summary>Null where the VM went away meanwhile, or the daemon is older.</summary>
    private static async Task<VmTraffic?> TrafficAsync(Session session, string id)
    {
        try
        {
            return await session.Api.GetVmTrafficAsync(id, default);
        }
        catch (ApiException)
        {
            return null;
        }
    }
}
