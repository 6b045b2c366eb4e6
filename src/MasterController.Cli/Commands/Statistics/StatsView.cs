using MasterController.Cli.Commands.Pools;
using MasterController.Cli.Terminal;
using MasterController.Contracts;

namespace MasterController.Cli.Commands.Statistics;

/// <summary>How <c>mctl stats</c> looks.</summary>
internal static class StatsView
{
    private const int BarWidth = 30;

    public static void Draw(Session session, Stats stats)
    {
        var (writer, ink) = (session.Out, session.Terminal.OutInk);
        DrawPools(writer, ink, stats);
        writer.Write('\n');
        var fields = new FieldWriter();
        foreach (var capacity in stats.Capacity)
        {
            fields.Add(
                "Capacity",
                Words(capacity, stats.Capacity.Count),
                capacity.ExpandTo is null ? null : ink.Yellow
            );
        }

        foreach (var pool in stats.Pools)
        {
            fields.Add("Forecast", Forecast(pool, stats.Time, stats.Pools.Count));
        }

        fields
            .Add("VMs", Words(stats.Vms))
            .Add("By type", string.Join('\n', stats.Vms.ByType.Select(Words)))
            .Add("External", Words(stats.External))
            .Add("Operations", Words(stats.Operations))
            .Add("Network", Words(stats.Reconcile), IsWell(stats.Reconcile) ? null : ink.Yellow)
            .Write(writer, ink);
        writer.Write('\n');
        DrawAlerts(writer, ink, stats.Alerts);
    }

    private static void DrawPools(TextWriter writer, Ink ink, Stats stats)
    {
        var table = new TableWriter("POOL", "", ">USED", ">COOLING", ">RESERVED", ">FREE", ">TOTAL", ">USED %");
        foreach (var pool in stats.Pools)
        {
            var use = new AddressUse(pool.Total, pool.Used, pool.Cooling, pool.Reserved, pool.Free);
            table.Add(
                pool.Pool,
                use.BarCell(ink, BarWidth),
                Readable.Count(pool.Used),
                Readable.Count(pool.Cooling),
                Readable.Count(pool.Reserved),
                Readable.Count(pool.Free),
                Readable.Count(pool.Total),
                Readable.Percent(pool.Used, pool.Total)
            );
        }

        table.Write(writer, ink);
    }

    private static void DrawAlerts(TextWriter writer, Ink ink, IReadOnlyList<Alert> alerts)
    {
        if (alerts.Count == 0)
        {
            writer.Write($"{ink.Green("nothing is to be looked at")}\n");
            return;
        }

        foreach (var alert in alerts)
        {
            Func<string, string> paint = alert.Severity == "critical" ? ink.Red : ink.Yellow;
            writer.Write($"{paint(alert.Severity)}  {ink.Bold(alert.Subject)}  {alert.Message}\n");
            if (alert.Fix is { } fix)
            {
                writer.Write($"    {ink.Dim(fix)}\n");
            }
        }
    }

    private static string Words(PoolCapacity capacity, int pools) =>
        pools == 1 ? capacity.Recommendation : $"{capacity.Pool}: {capacity.Recommendation}";

    /// <summary>The day's where there is one: an hour is often too short, and a week too long ago.</summary>
    private static string? Forecast(PoolStats pool, DateTimeOffset now, int pools)
    {
        var forecast =
            pool.Forecast.FirstOrDefault(f => f is { Window: "day", PerHour: not null })
            ?? pool.Forecast.FirstOrDefault(f => f.PerHour is not null);
        return forecast is null ? null
            : pools == 1 ? PoolStatsView.Words(forecast, now)
            : $"{pool.Pool}: {PoolStatsView.Words(forecast, now)}";
    }

    private static string Words(VmStats vms) =>
        vms.Total == 0
            ? "none"
            : $"{Readable.Count(vms.Total)}: "
                + string.Join(", ", vms.ByStatus.Select(s => $"{Readable.Count(s.Value)} {s.Key}"))
                + $"; {Readable.Plural(vms.Vcpus, "vCPU")}, {Readable.Bytes(vms.MemoryMib << 20)} of memory";

    private static string Words(VmTypeStats type) =>
        $"{type.Type}: {Readable.Count(type.Total)}, of which {Readable.Count(type.Running)} run";

    private static string Words(ExternalStats external) =>
        $"{external.PublicIp ?? "no address on the uplink"}; {Readable.Count(external.DedicatedIpv6)} IPv6"
        + (external.Ipv6Prefix is { } prefix ? $" of {prefix}" : "")
        + $", {Readable.Count(external.PublicIpv4Used)} public IPv4, {Readable.Plural(external.Forwards, "forward")}";

    private static string Words(OperationStats operations) =>
        $"{Readable.Count(operations.Running)} running; in the last 24 h {Readable.Count(operations.Failed)} failed, "
        + $"{Readable.Count(operations.RolledBack)} rolled back";

    private static string Words(ReconcileStats reconcile) =>
        reconcile.Error is { } error ? $"could not be compared: {error}"
        : reconcile.AgeSeconds is not { } age ? "not compared with what it should be"
        : $"compared {Readable.Age(TimeSpan.FromSeconds(age))} ago, "
            + (
                reconcile is { Ours: 0, Foreign: 0 }
                    ? "nothing differs"
                    : $"{Readable.Count(reconcile.Ours)} ours and {Readable.Count(reconcile.Foreign)} foreign differ"
            );

    private static bool IsWell(ReconcileStats reconcile) => reconcile is { Error: null, Ours: 0, Foreign: 0 };
}
