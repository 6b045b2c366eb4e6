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
        return new Figure(name, unit, sorted.Length, median, Rank(sorted, 0.95), sorted[0], sorted[^1]);
    }

    public static Figure Of(string name, string unit, double value) => Of(name, unit, [value]);

    public static Figure Milliseconds(string name, IEnumerable<TimeSpan> times) =>
        Of(name, "ms", times.Select(t => t.TotalMilliseconds));

    /// <summary>By nearest rank.</summary>
    /// <param name="sorted">At least one, smallest first.</param>
    /// <param name="share">Above 0, at most 1.</param>
    public static double Rank(IReadOnlyList<double> sorted, double share) =>
        sorted[(int)Math.Ceiling(share * sorted.Count) - 1];
}
