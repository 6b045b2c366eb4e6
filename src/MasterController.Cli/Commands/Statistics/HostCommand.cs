using System.Globalization;
using MasterController.Cli.Api;
using MasterController.Cli.Terminal;
using MasterController.Contracts;

namespace MasterController.Cli.Commands.Statistics;

/// <summary><c>mctl host</c>.</summary>
internal static class HostCommand
{
    public static CliCommand Create() =>
        new(
            "host",
            "Show how the machine is: CPU, memory, disk, kernel tables, traffic",
            "mctl host",
            "mctl host -o json | jq .cpu.usedPercent"
        )
        {
            Run = async session =>
            {
                var host = await session.Api.GetHostAsync(default);
                session.Print(host, CliJson.Wire.HostInfo, [host.Name], () => Draw(session, host));
                return ExitCode.Ok;
            },
        };

    private static void Draw(Session session, HostInfo host)
    {
        var ink = session.Terminal.OutInk;
        var memory = host.Memory;
        var fields = new FieldWriter()
            .Add("Host", $"{host.Name}, Linux {host.Kernel}, up {Readable.Age(Seconds(host.UptimeSeconds))}")
            .Add("CPU", Words(host.Cpu))
            .Add(
                "Memory",
                Of(memory.TotalBytes - memory.AvailableBytes, memory.TotalBytes, Readable.Bytes)
                    + (
                        memory.SwapTotalBytes > 0
                            ? $"; swap {Of(memory.SwapTotalBytes - memory.SwapFreeBytes, memory.SwapTotalBytes, Readable.Bytes)}"
                            : ""
                    )
            );
        foreach (var disk in host.Disks)
        {
            fields.Add("Disk", $"{Of(disk.TotalBytes - disk.FreeBytes, disk.TotalBytes, Readable.Bytes)}  {disk.Path}");
        }

        foreach (var fill in host.Fill)
        {
            fields.Add("Table", $"{fill.Name}: {Of(fill.Used, fill.Limit, Readable.Count)}");
        }

        foreach (var traffic in host.Interfaces)
        {
            fields.Add("Traffic", Words(traffic));
        }

        fields
            .Add(
                "Controller",
                $"{host.Controller.Version}, pid {host.Controller.Pid}, up {Readable.Age(host.Time - host.Controller.StartedAt)}, "
                    + $"{Readable.Bytes(host.Controller.ResidentBytes)} resident, {Readable.Plural(host.Controller.OpenFiles, "open file")}"
            )
            .Write(session.Out, ink);
    }

    private static string Words(HostCpu cpu) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{(cpu.UsedPercent is { } used ? $"{used:0.0} % of " : "")}{Readable.Plural(cpu.Processors, "processor")}; load {cpu.Load1:0.00} {cpu.Load5:0.00} {cpu.Load15:0.00}"
        );

    private static string Words(HostInterface traffic) =>
        $"{traffic.Name}: in {Readable.Bytes(traffic.InBytes)}{Rate(traffic.InBytesPerSecond)}, "
        + $"out {Readable.Bytes(traffic.OutBytes)}{Rate(traffic.OutBytesPerSecond)}";

    private static string Rate(double? perSecond) => perSecond is { } rate ? $" ({Readable.Bytes((long)rate)}/s)" : "";

    private static string Of(long used, long total, Func<long, string> show) =>
        $"{show(used)} of {show(total)} used ({Readable.Percent(used, total)})";

    private static TimeSpan Seconds(double seconds) => TimeSpan.FromSeconds(seconds);
}
