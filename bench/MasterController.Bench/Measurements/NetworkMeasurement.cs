using MasterController.Bench.Measurements.Networks;
using MasterController.Bench.Reports;

namespace MasterController.Bench.Measurements;

/// <summary>The host network with few and with very many VMs, in parts that can be chosen by name.</summary>
internal sealed class NetworkMeasurement(Workplace workplace)
{
    /// <summary>In the order in which they are measured.</summary>
    public static IReadOnlyList<string> Parts { get; } = [.. FullHost.Parts];

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
