using System.Text;

namespace MasterController.Daemon.Endpoints;

/// <summary>
/// CSV (RFC 4180). A text that a spreadsheet would take for a formula gets an apostrophe in front: what callers name
/// their VMs must not run on the machine of whoever opens the file.
/// </summary>
internal static class CsvText
{
    public const string ContentType = "text/csv; charset=utf-8";

    /// <summary>One record with its line end; null is an empty cell.</summary>
    public static string Row(params ReadOnlySpan<string?> cells)
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
        var guarded = cell.Length > 0 && cell[0] is '=' or '+' or '-' or '@' or '\t' or '\r' ? $"'{cell}" : cell;
        if (guarded.AsSpan().IndexOfAny("\",\r\n") < 0)
            row.Append(guarded);
        else
            row.Append('"').Append(guarded.Replace("\"", "\"\"", StringComparison.Ordinal)).Append('"');
    }
}
