using System.CommandLine;
using MasterController.Cli.Api;
using MasterController.Cli.Terminal;
using MasterController.Contracts;

namespace MasterController.Cli.Commands.External;

/// <summary><c>mctl external history</c>.</summary>
internal static class ExternalHistoryCommand
{
    public static CliCommand Create()
    {
        var vm = new NameOption("--vm", NameSource.Vms)
        {
            Description = "Only of this VM; a deleted one by its id",
            HelpName = "VM",
        };
        var address = new Option<string?>("--address")
        {
            Description = "Only changes that gave or took this address: who had it when",
            HelpName = "ADDRESS",
        };
        var limit = CommonOptions.Number(
            "--limit",
            "Print N changes at most [100]",
            "N",
            1,
            ExternalCommands.MostItems
        );
        return new CliCommand(
            "history",
            "List what was changed about how VMs are reached, newest first",
            "mctl external history",
            "mctl external history --address 203.0.113.33",
            "mctl external history --vm web-1 -o json"
        )
        {
            Run = async session =>
            {
                Print(
                    session,
                    await session.Api.GetExternalHistoryAsync(
                        session.Get(vm),
                        session.Get(address),
                        session.Get(limit),
                        default
                    )
                );
                return ExitCode.Ok;
            },
        }.With(vm, address, limit);
    }

    private static void Print(Session session, ExternalChangeList list) =>
        session.Print(
            list,
            CliJson.Wire.ExternalChangeList,
            list.Items.Select(item => item.Id ?? ""),
            () =>
            {
                if (list.Items.Count == 0)
                {
                    session.Note("nothing has been changed, as far as is remembered");
                    return;
                }

                var ink = session.Terminal.OutInk;
                var table = new TableWriter("ID", "TIME", "ACTION", "BY", "WHAT");
                foreach (var item in list.Items)
                {
                    table.Add(
                        item.Id,
                        item.Time is { } time ? Readable.Time(time) : null,
                        item.Action,
                        item.By,
                        item.Summary
                    );
                }

                table.Write(session.Out, ink);
                session.Note(
                    list.Items.Count < list.Total
                        ? $"the newest {Readable.Count(list.Items.Count)} of {Readable.Count(list.Total)} shown"
                        : "undo one: mctl external rollback ID --plan"
                );
            }
        );
}
