using System.Text;

namespace MasterController.Dashboard.Export;

/// <summary>
/// CSV (RFC 4180). A text that a spreadsheet would take for a formula gets an apostrophe in front: what callers name
/// things must not run on the machine of whoever opens the file.
/// </summary>
internal static class CsvRow
{
    /// <summary>With its line end; null is an empty cell.</summary>
    public static string Of(params ReadOnlySpan<string?> cells)
    {
        var row = new StringBuilder();
        for (var i = 0; i < cells.Length; i++)
        {
            if (i > 0)
                row.Append(',');
            Append(row, cells[i] ?? "");
        }
        return row.Append("\r\n").ToString();
    }

    private static void Append(StringBuilder row, string cell)
    {
        if (cell is ['=' or '+' or '-' or '@' or '\t' or '\r', ..])
            cell = $"'{cell}";
        if (cell.AsSpan().IndexOfAny("\",\r\n") < 0)
            row.Append(cell);
        else
            row.Append('"').Append(cell.Replace("\"", "\"\"", StringComparison.Ordinal)).Append('"');
    }
}
