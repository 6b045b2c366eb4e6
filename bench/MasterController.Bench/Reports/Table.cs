using System.Globalization;

namespace MasterController.Bench.Reports;

/// <summary>A report for people.</summary>
internal static class Table
{
    private static readonly string[] Header = ["", "median", "p95", "min", "max", "runs"];

    public static void Write(TextWriter output, Report report)
    {
        var (before, after) = (report.Before, report.After);
        output.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"\n{report.Name}: {before.Processors} × {before.Processor}, Linux {before.Kernel}, load {before.Load} → {after.Load}\n"
            )
        );
        string[][] rows = [Header, .. report.Figures.Select(Row)];
        var widths = Enumerable.Range(0, Header.Length).Select(i => rows.Max(r => r[i].Length)).ToArray();
        foreach (var row in rows)
        {
            output.WriteLine(
                string.Join("  ", row.Select((cell, i) => i == 0 ? cell.PadRight(widths[i]) : cell.PadLeft(widths[i])))
            );
        }
        output.WriteLine();
        foreach (var ratio in report.Ratios)
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{ratio.Name} = {ratio.Value:0.00}"));
    }

    private static string[] Row(Figure figure) =>
        figure.Runs == 1
            ? [figure.Name, Cell(figure.Median, figure.Unit), "", "", "", "1"]
            :
            [
                figure.Name,
                Cell(figure.Median, figure.Unit),
                Cell(figure.P95, figure.Unit),
                Cell(figure.Min, figure.Unit),
                Cell(figure.Max, figure.Unit),
                $"{figure.Runs}",
            ];

    private static string Cell(double value, string unit) =>
        string.Create(CultureInfo.InvariantCulture, $"{value:0.00} {unit}");
}
