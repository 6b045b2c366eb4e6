using MasterController.Cli.Api;
using MasterController.Cli.Terminal;
using MasterController.Contracts;

namespace MasterController.Cli.Commands.External;

/// <summary><c>mctl external addresses</c>.</summary>
internal static class ExternalAddressesCommand
{
    public static CliCommand Create()
    {
        var kind = CommonOptions.Choice("--kind", "Only those of one kind", null, "ipv6", "ipv4");
        var limit = CommonOptions.Number(
            "--limit",
            "Print N addresses at most [100]",
            "N",
            1,
            ExternalCommands.MostItems
        );
        return new CliCommand(
            "addresses",
            "List the dedicated addresses that VMs have, and those that cool down",
            "mctl external addresses",
            "mctl external addresses --kind ipv4",
            "mctl external addresses -q"
        )
        {
            Run = async session =>
            {
                Print(
                    session,
                    await session.Api.ListDedicatedAddressesAsync(session.Get(kind), session.Get(limit), default)
                );
                return ExitCode.Ok;
            },
        }.With(kind, limit);
    }

    private static void Print(Session session, DedicatedAddressList list) =>
        session.Print(
            list,
            CliJson.Wire.DedicatedAddressList,
            list.Items.Select(item => item.Address),
            () =>
            {
                if (list.Items.Count == 0)
                {
                    session.Note("no VM has a dedicated address; give one: mctl vm attach-address VM");
                    return;
                }

                var ink = session.Terminal.OutInk;
                var now = session.Terminal.Time.GetUtcNow();
                var table = new TableWriter("ADDRESS", "KIND", "STATE", "VM", "SINCE", "FREE IN");
                foreach (var item in list.Items)
                {
                    table.Add(
                        item.Address,
                        item.Kind,
                        new Cell(item.State, item.State == "used" ? ink.Green : ink.Yellow),
                        item.VmName ?? item.Vm,
                        Readable.Age(now - item.Since),
                        item.Until is { } until ? Readable.Age(until > now ? until - now : TimeSpan.Zero) : null
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
