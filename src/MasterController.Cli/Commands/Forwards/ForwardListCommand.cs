using MasterController.Cli.Api;
using MasterController.Cli.Commands.External;
using MasterController.Cli.Terminal;
using MasterController.Contracts;

namespace MasterController.Cli.Commands.Forwards;

/// <summary><c>mctl forward list</c>.</summary>
internal static class ForwardListCommand
{
    public static CliCommand Create()
    {
        var vm = new NameOption("--vm", NameSource.Vms) { Description = "Only those to this VM", HelpName = "VM" };
        var limit = CommonOptions.Number(
            "--limit",
            "Print N forwards at most [100]",
            "N",
            1,
            ExternalCommands.MostItems
        );
        return new CliCommand(
            "list",
            "List the ports of this host that lead to VMs",
            "mctl forward list",
            "mctl forward list --vm web-1",
            "mctl forward list -q | xargs mctl forward delete"
        )
        {
            Run = async session =>
            {
                Print(session, await session.Api.ListForwardsAsync(session.Get(vm), session.Get(limit), default));
                return ExitCode.Ok;
            },
        }.With(vm, limit);
    }

    private static void Print(Session session, ForwardList list) =>
        session.Print(
            list,
            CliJson.Wire.ForwardList,
            list.Items.Select(item => item.Id),
            () =>
            {
                if (list.Items.Count == 0)
                {
                    session.Note("no port leads to a VM; add one: mctl forward add 8080 VM:80");
                    return;
                }

                var ink = session.Terminal.OutInk;
                var table = new TableWriter("ID", "PROTO", "HOST", "PORTS", "VM", "GUEST PORTS", "FROM");
                foreach (var item in list.Items)
                {
                    table.Add(
                        item.Id,
                        item.Protocol,
                        item.HostAddress ?? "all",
                        item.HostPorts,
                        item.VmName,
                        item.GuestPorts,
                        item.From.Count > 0 ? string.Join(", ", item.From) : "everybody"
                    );
                }

                table.Write(session.Out, ink);
                if (list.Items.Count < list.Total)
                {
                    session.Note($"the first {Readable.Count(list.Items.Count)} of {Readable.Count(list.Total)} shown");
                }
            }
        );
}
