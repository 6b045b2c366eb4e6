using MasterController.Cli.Api;
using MasterController.Cli.Terminal;
using MasterController.Contracts;

namespace MasterController.Cli.Commands.Network;

/// <summary><c>mctl net traffic</c>.</summary>
internal static class NetworkTrafficCommand
{
    public static CliCommand Create()
    {
        var sort = CommonOptions.Choice(
            "--sort",
            "By the bytes of which direction VMs are ordered [both]",
            null,
            "both",
            "in",
            "out"
        );
        var limit = CommonOptions.Number("--limit", "List N VMs at most; the sums are of all [20]", "N", 0, 100_000);
        return new CliCommand(
            "traffic",
            "Show what VMs have sent and been given since they started",
            "mctl net traffic",
            "mctl net traffic --sort out --limit 5",
            "mctl net traffic -o json | jq .out.bytes"
        )
        {
            Run = async session =>
            {
                var traffic = await session.Api.GetTrafficAsync(session.Get(sort), session.Get(limit), default);
                session.Print(
                    traffic,
                    CliJson.Wire.NetworkTraffic,
                    traffic.Items.Select(vm => vm.Name),
                    () => Draw(session, traffic)
                );
                return ExitCode.Ok;
            },
        }.With(sort, limit);
    }

    private static void Draw(Session session, NetworkTraffic traffic)
    {
        var (writer, ink) = (session.Out, session.Terminal.OutInk);
        writer.Write($"{ink.Bold(Readable.Plural(traffic.Vms, "VM"))}\n");
        writer.Write($"in   {InWords(traffic.In)}\n");
        writer.Write($"out  {InWords(traffic.Out)}\n");
        if (traffic.Items.Count == 0)
        {
            return;
        }

        writer.Write('\n');
        var table = new TableWriter("NAME", "ADDRESS", ">IN", ">PACKETS", ">OUT", ">PACKETS", ">DROPPED");
        foreach (var vm in traffic.Items)
        {
            if (vm is { In: { } @in, Out: { } @out })
            {
                table.Add(
                    vm.Name,
                    vm.Address,
                    Readable.Bytes(@in.Bytes),
                    Readable.Count(@in.Packets),
                    Readable.Bytes(@out.Bytes),
                    Readable.Count(@out.Packets),
                    Readable.Count(@in.Dropped + @out.Dropped)
                );
            }
        }

        table.Write(writer, ink);
        if (traffic.Items.Count < traffic.Vms)
        {
            session.Note($"{Readable.Count(traffic.Items.Count)} of {Readable.Plural(traffic.Vms, "VM")} shown");
        }
    }

    /// <summary>"1.2 MiB in 1,034 packets, 3 dropped".</summary>
    public static string InWords(TrafficCounters counters) =>
        $"{Readable.Bytes(counters.Bytes)} in {Readable.Plural(counters.Packets, "packet")}"
        + (counters.Dropped > 0 ? $", {Readable.Count(counters.Dropped)} dropped" : "");
}
