using MasterController.Cli.Api;
using MasterController.Cli.Terminal;
using MasterController.Contracts;

namespace MasterController.Cli.Commands.External;

/// <summary><c>mctl external show</c>.</summary>
internal static class ExternalShowCommand
{
    public static CliCommand Create() =>
        new(
            "show",
            "Show where dedicated addresses come from, how they get here, and how many are used",
            "mctl external show",
            "mctl external show -o json | jq '.counts[] | select(.kind == \"ipv4\") | .free'"
        )
        {
            Run = async session =>
            {
                Print(session, await session.Api.GetExternalAsync(default));
                return ExitCode.Ok;
            },
        };

    private static void Print(Session session, ExternalStatus status) =>
        session.Print(
            status,
            CliJson.Wire.ExternalStatus,
            [.. status.Ipv6 is { } prefix ? [prefix] : Array.Empty<string>(), .. status.Ipv4],
            () =>
            {
                var ink = session.Terminal.OutInk;
                var fields = new FieldWriter().Add("IPv6 prefix", status.Ipv6 ?? "none  (external.ipv6)");
                if (status.Ipv6 is not null)
                {
                    fields.Add(
                        "Delivery",
                        $"{status.Delivery ?? "unknown"}{(status.DeliveryReason is { } why ? $": {why}" : "")}",
                        status.Delivery is null ? ink.Yellow : null
                    );
                }

                fields
                    .Add("Extra IPv4", status.Ipv4.Count > 0 ? string.Join('\n', status.Ipv4) : "none  (external.ipv4)")
                    .Add("Forward ports", status.ForwardPorts)
                    .Write(session.Out, ink);
                session.Out.Write('\n');
                var table = new TableWriter("KIND", ">TOTAL", ">USED", ">COOLING", ">RESERVED", ">FREE");
                foreach (var count in status.Counts)
                {
                    table.Add(
                        count.Kind,
                        Number(count.Total),
                        Number(count.Used),
                        Number(count.Cooling),
                        Number(count.Reserved),
                        Number(count.Free)
                    );
                }

                table.Write(session.Out, ink);
            }
        );

    /// <summary>A /64 has more addresses than anybody reads digits of: they are told as a power of two then.</summary>
    private static string Number(decimal value)
    {
        const decimal Readably = 1_000_000_000_000m;
        return value < Readably
            ? Readable.Count((long)value)
            : $"about 2^{Math.Round(Math.Log2((double)value)).ToString(System.Globalization.CultureInfo.InvariantCulture)}";
    }
}
