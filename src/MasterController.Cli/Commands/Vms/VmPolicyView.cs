using MasterController.Cli.Api;
using MasterController.Cli.Terminal;
using MasterController.Contracts;

namespace MasterController.Cli.Commands.Vms;

/// <summary>What a VM may do in the network, on the terminal.</summary>
internal static class VmPolicyView
{
    public static FieldWriter Add(FieldWriter fields, Vm vm) => AddLimit(AddEgress(fields, vm), vm);

    public static void PrintEgress(Session session, Vm vm) => Print(session, vm, AddEgress);

    public static void PrintLimit(Session session, Vm vm) => Print(session, vm, AddLimit);

    private static void Print(Session session, Vm vm, Func<FieldWriter, Vm, FieldWriter> add) =>
        session.Print(
            vm,
            CliJson.Wire.Vm,
            [vm.Name],
            () =>
                add(new FieldWriter().Add("Name", vm.Name, session.Terminal.OutInk.Bold), vm)
                    .Write(session.Out, session.Terminal.OutInk)
        );

    private static FieldWriter AddEgress(FieldWriter fields, Vm vm)
    {
        if (vm.Egress is not { } egress)
        {
            return fields;
        }

        fields.Add("Egress", $"{egress.Default} by default  ({SourceOf(egress.Source, vm)})");
        foreach (var rule in egress.Deny)
        {
            fields.Add("Deny", rule);
        }

        foreach (var rule in egress.Allow)
        {
            fields.Add("Allow", rule);
        }

        return fields;
    }

    private static FieldWriter AddLimit(FieldWriter fields, Vm vm)
    {
        if (vm.RateLimit is not { } rate)
        {
            return fields;
        }

        var limit = rate.Limit;
        string[] parts =
        [
            .. Bytes("out", limit.OutBytesPerSecond, limit.OutBurstBytes),
            .. Packets("out", limit.OutPacketsPerSecond, limit.OutBurstPackets),
            .. Bytes("in", limit.InBytesPerSecond, limit.InBurstBytes),
            .. Packets("in", limit.InPacketsPerSecond, limit.InBurstPackets),
        ];
        var text = parts.Length == 0 ? "no limit" : string.Join(", ", parts);
        return fields.Add("Rate", rate.Source == "none" ? text : $"{text}  ({SourceOf(rate.Source, vm)})");
    }

    private static string[] Bytes(string way, long? rate, long? burst) =>
        rate is { } bytes
            ? [$"{way} {WrittenRate.Text(bytes)}{(burst is { } more ? $" + {Readable.Bytes(more)}" : "")}"]
            : [];

    private static string[] Packets(string way, long? rate, long? burst) =>
        rate is { } packets ? [$"{way} {packets:N0} packets/s{(burst is { } more ? $" + {more:N0}" : "")}"] : [];

    private static string SourceOf(string source, Vm vm) =>
        source switch
        {
            "vm" => "of its own",
            "type" => $"of the type {vm.Type}",
            _ => "no policy",
        };
}
