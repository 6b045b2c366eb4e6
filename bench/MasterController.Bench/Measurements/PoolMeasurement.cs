using MasterController.Bench.Measurements.Pools;
using MasterController.Bench.Reports;

namespace MasterController.Bench.Measurements;

/// <summary>Speed and size of address pools, in parts that can be chosen by name.</summary>
internal sealed class PoolMeasurement(Workplace workplace)
{
    /// <summary>In the order in which they are measured: those that need a quiet heap first.</summary>
    public static IReadOnlyList<string> Parts { get; } =
    ["size", "memory", "expand", "open", "store", "http", "cni", "sets"];

    /// <param name="parts">Some of <see cref="Parts"/>.</param>
    public async Task<Report> RunAsync(IReadOnlyList<string> parts)
    {
        var before = Machine.Read();
        var findings = new Findings();
        foreach (var part in Parts.Where(parts.Contains))
        {
            Console.WriteLine($"{part} …");
            switch (part)
            {
                case "size":
                    await EmptyPool.RunAsync(workplace, findings);
                    break;
                case "memory":
                    MemorySpeed.Run(findings);
                    break;
                case "expand":
                    await Expansion.RunAsync(workplace, findings);
                    break;
                case "open":
                    await Opening.RunAsync(workplace, findings);
                    break;
                case "store":
                    await DurableLeases.RunAsync(workplace, findings);
                    break;
                case "http":
                    await LeasesOverHttp.RunAsync(workplace, findings);
                    break;
                case "cni":
                    await BesideHostLocal.RunAsync(workplace, findings);
                    break;
                case "sets":
                    BesideFreeSets.Run(findings);
                    break;
            }
        }
        return new Report(
            "pool",
            TimeProvider.System.GetUtcNow(),
            before,
            Machine.Read(),
            findings.Figures,
            findings.Comparisons
        );
    }
}
