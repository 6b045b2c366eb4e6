namespace MasterController.Bench.Reports;

/// <summary>One measured quantity over all its runs.</summary>
/// <param name="P95">The nearest rank: the smallest value that at least 95 % do not exceed.</param>
internal sealed record Figure(string Name, string Unit, int Runs, double Median, double P95, double Min, double Max)
{
    /// <param name="values">At least one.</param>
    public static Figure Of(string name, string unit, IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        var middle = sorted.Length / 2;
        var median = sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
        var p95 = sorted[(int)Math.Ceiling(0.95 * sorted.Length) - 1];
        return new Figure(name, unit, sorted.Length, median, p95, sorted[0], sorted[^1]);
    }

    public static Figure Of(string name, string unit, double value) => Of(name, unit, [value]);

    public static Figure Milliseconds(string name, IEnumerable<TimeSpan> times) =>
        Of(name, "ms", times.Select(t => t.TotalMilliseconds));
}
