using MasterController.Cli.Terminal;
using MasterController.Contracts;

namespace MasterController.Cli.Commands.Pools;

/// <summary>How <c>mctl pool stats</c> looks.</summary>
internal static class PoolStatsView
{
    private const int SubnetBarWidth = 24;

    public static void Draw(Session session, PoolStats stats)
    {
        var (writer, ink) = (session.Out, session.Terminal.OutInk);
        new AddressUse(stats.Total, stats.Used, stats.Cooling, stats.Reserved, stats.Free).Draw(
            writer,
            ink,
            stats.Pool
        );
        DrawRanges(writer, ink, stats.Ranges);
        DrawSubnets(writer, ink, "FULLEST /24", stats.Top);
        DrawSubnets(writer, ink, "EMPTIEST /24", stats.Bottom);
        writer.Write('\n');
        new FieldWriter()
            .Add("/24s", Subnets(stats))
            .Add("Forecast", string.Join('\n', stats.Forecast.Select(forecast => Words(forecast, stats.Time))))
            .Write(writer, ink);
        if (!stats.Exact)
        {
            session.Note("counted piece by piece, while addresses were leased and given back");
        }
    }

    /// <summary>"full in about 3 h at the rate of the last hour (+212/h)".</summary>
    internal static string Words(PoolForecast forecast, DateTimeOffset now)
    {
        var rate = $"the rate of the last {forecast.Window}";
        var change = forecast.PerHour is { } perHour ? $" ({Approximate.Rate(perHour)})" : "";
        return forecast.Outcome switch
        {
            "full" => $"full now; last {forecast.Window}{change}",
            "full-at" => $"full in about {Approximate.Time(forecast.FullAt - now ?? default)} at {rate}{change}",
            "never" => $"never full at {rate}{change}",
            _ => $"{rate}: not enough samples yet ({First(forecast, now)})",
        };
    }

    private static string First(PoolForecast forecast, DateTimeOffset now) =>
        forecast.FirstSample is { } first ? $"first one {Approximate.Time(now - first)} ago" : "none in that time";

    private static string Subnets(PoolStats stats) =>
        stats.UntouchedSubnets > 0
            ? $"{Readable.Count(stats.Subnets)}, of which {Readable.Count(stats.UntouchedSubnets)} have no address used or cooling"
            : Readable.Count(stats.Subnets);

    private static void DrawRanges(TextWriter writer, Ink ink, IReadOnlyList<RangeStats> ranges)
    {
        var table = new TableWriter("RANGE", ">USED", ">COOLING", ">RESERVED", ">FREE", ">TOTAL", ">USED %", ">/24S");
        foreach (var range in ranges)
        {
            table.Add(
                range.Cidr,
                Readable.Count(range.Used),
                Readable.Count(range.Cooling),
                Readable.Count(range.Reserved),
                Readable.Count(range.Free),
                Readable.Count(range.Total),
                Readable.Percent(range.Used, range.Total),
                Readable.Count(range.Subnets)
            );
        }

        table.Write(writer, ink);
    }

    private static void DrawSubnets(TextWriter writer, Ink ink, string title, IReadOnlyList<SubnetStats> subnets)
    {
        if (subnets.Count == 0)
        {
            return;
        }

        writer.Write('\n');
        var table = new TableWriter(title, "", ">USED", ">COOLING", ">RESERVED", ">FREE", ">TOTAL", ">USED %");
        foreach (var subnet in subnets)
        {
            var use = new AddressUse(subnet.Total, subnet.Used, subnet.Cooling, subnet.Reserved, subnet.Free);
            table.Add(
                subnet.Cidr,
                use.BarCell(ink, SubnetBarWidth),
                Readable.Count(subnet.Used),
                Readable.Count(subnet.Cooling),
                Readable.Count(subnet.Reserved),
                Readable.Count(subnet.Free),
                Readable.Count(subnet.Total),
                Readable.Percent(subnet.Used, subnet.Total)
            );
        }

        table.Write(writer, ink);
    }
}
