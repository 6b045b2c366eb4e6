using MasterController.Bench.Measurements.Networks;
using MasterController.Bench.Reports;

namespace MasterController.Bench.Measurements;

/// <summary>The host network with few and with very many VMs, in parts that can be chosen by name.</summary>
internal sealed class NetworkMeasurement(Workplace workplace)
{
    /// <summary>In the order in which they are measured.</summary>
    public static IReadOnlyList<string> Parts { get; } = [.. FullHost.Parts, "warm", "processes", "traffic"];

    /// <param name="parts">Some of <see cref="Parts"/>.</param>
    public async Task<Report> RunAsync(IReadOnlyList<string> parts)
    {
        var before = Machine.Read();
        var findings = new Findings();
        string[] onFullHost = [.. FullHost.Parts.Where(parts.Contains)];
        if (onFullHost.Length > 0)
        {
            Console.WriteLine($"{string.Join(", ", onFullHost)} …");
            await new FullHost(workplace, findings, onFullHost).RunAsync();
        }
        foreach (var part in Parts.Except(FullHost.Parts).Where(parts.Contains))
        {
            Console.WriteLine($"{part} …");
            switch (part)
            {
                case "warm":
                    WarmStock.Run(findings);
                    break;
                case "processes":
                    await BesideProcesses.RunAsync(workplace, findings);
                    break;
                case "traffic":
                    await Traffic.RunAsync(workplace, findings);
                    break;
            }
        }
        return new Report(
            "network",
            TimeProvider.System.GetUtcNow(),
            before,
            Machine.Read(),
            findings.Figures,
            findings.Comparisons
        );
    }
}
