using System.CommandLine;
using MasterController.Cli.Api;
using MasterController.Cli.Terminal;
using MasterController.Contracts;

namespace MasterController.Cli.Commands.Vms;

/// <summary><c>mctl vm list</c>: every page of the list, filtered by the daemon.</summary>
internal static class VmListCommand
{
    public static CliCommand Create()
    {
        var status = CommonOptions.Choice(
            "--status",
            "Only VMs in this state",
            "STATUS",
            "creating",
            "starting",
            "running",
            "stopping",
            "stopped",
            "failed",
            "deleting"
        );
        var type = new Option<string?>("--type") { Description = "Only VMs of this type", HelpName = "TYPE" };
        var owner = new Option<string?>("--owner") { Description = "Only VMs of this owner", HelpName = "OWNER" };
        var pool = CommonOptions.Pool("Only VMs with an address from this pool");
        var name = new Option<string?>("--name") { Description = "Only the VM of this name", HelpName = "NAME" };
        var labels = CommonOptions.Labels();
        labels.Description = "Only VMs with this label; repeat for several";
        var limit = CommonOptions.Limit();
        return new CliCommand(
            "list",
            "List VMs",
            "mctl vm list",
            "mctl vm list --status failed --owner ci",
            "mctl vm delete $(mctl vm list -q --label job=4711)"
        )
        {
            Run = async session =>
            {
                var filter = new VmFilter(
                    session.Get(status),
                    session.Get(type),
                    session.Get(owner),
                    session.Get(pool),
                    session.Get(name),
                    session.Get(labels)?.Select(label => $"{label.Key}={label.Value}").ToArray()
                );
                var list = await session.Api.ListVmsAsync(filter, session.Get(limit), default);
                VmView.Print(session, list);
                if (list.Next is not null && !session.Json && !session.Quiet)
                {
                    session.Note($"{Readable.Count(list.Items.Count)} of {Readable.Count(list.Total)} shown");
                }

                return ExitCode.Ok;
            },
        }.With(status, type, owner, pool, name, labels, limit);
    }
}
