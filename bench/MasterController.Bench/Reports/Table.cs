using System.Globalization;

namespace MasterController.Bench.Reports;

/// <summary>A report for people: the figures, then what they are beside their peers and limits.</summary>
internal static class Table
{
    private static readonly string[] _figureHeader = ["", "median", "p95", "min", "max", "runs"];
    private static readonly string[] _comparisonHeader = ["", "median", "beside", "median", "ratio", "goal", "met"];

    public static void Write(TextWriter output, Report report)
    {
        var (before, after) = (report.Before, report.After);
        output.WriteLine(
            Text(
                $"\n{report.Name}: {before.Processors} × {before.Processor}, Linux {before.Kernel}, load {before.Load} → {after.Load}\n"
            )
        );
        Write(output, [_figureHeader, .. report.Figures.Select(Row)], textColumns: [0]);
        output.WriteLine();
        var figures = report.Figures.ToDictionary(f => f.Name);
        Write(output, [_comparisonHeader, .. report.Comparisons.Select(c => Row(c, figures))], textColumns: [0, 2]);
    }

    private static void Write(TextWriter output, string[][] rows, int[] textColumns)
    {
        var widths = rows[0].Select((_, i) => rows.Max(r => r[i].Length)).ToArray();
        foreach (var row in rows)
        {
            var cells = row.Select(
                (cell, i) => textColumns.Contains(i) ? cell.PadRight(widths[i]) : cell.PadLeft(widths[i])
            );
            output.WriteLine(string.Join("  ", cells).TrimEnd());
        }
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

    private static string[] Row(Comparison comparison, Dictionary<string, Figure> figures) =>
        [
            comparison.Name,
            Cell(figures[comparison.Name]),
            comparison.Beside,
            Cell(figures[comparison.Beside]),
            Number(comparison.Ratio),
            comparison.Goal?.ToString() ?? "",
            comparison.IsMet switch
            {
                true => "yes",
                false => "NO",
                null => "",
            },
        ];

    private static string Cell(Figure figure) => Cell(figure.Median, figure.Unit);

    private static string Cell(double value, string unit) => $"{Number(value)} {unit}";

    private static string Number(double value) => Math.Abs(value) < 0.1 ? Text($"{value:0.0000}") : Text($"{value:N2}");

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
