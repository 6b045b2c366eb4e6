using MasterController.Bench.Measurements.External;
using MasterController.Bench.Reports;

namespace MasterController.Bench.Measurements;

/// <summary>Dedicated addresses and forwards, many of them.</summary>
internal sealed class ExternalMeasurement(Workplace workplace)
{
    /// <summary>In the order in which they are measured.</summary>
    public static IReadOnlyList<string> Parts { get; } = ["attach", "forwards"];

    /// <param name="parts">Some of <see cref="Parts"/>.</param>
    public async Task<Report> RunAsync(IReadOnlyList<string> parts)
    {
        var before = Machine.Read();
        var findings = new Findings();
        foreach (var part in Parts.Where(parts.Contains))
        {
            Console.WriteLine($"{part} …");
            if (part == "attach")
                await ManyReached.RunAsync(findings);
            else
                await ForwardedPorts.RunAsync(workplace, findings);
        }
        return new Report(
            "external",
            TimeProvider.System.GetUtcNow(),
            before,
            Machine.Read(),
            findings.Figures,
            findings.Comparisons
        );
    }
}
