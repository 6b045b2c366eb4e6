namespace MasterController.Cli.Terminal;

/// <summary>A text in a table, and how it is drawn; the width is that of the text.</summary>
internal readonly record struct Cell(string Text, Func<string, string>? Paint = null)
{
    public static implicit operator Cell(string? text) => new(string.IsNullOrEmpty(text) ? "-" : text);
}

/// <summary>Columns parted by two spaces, nothing else: made for the eye, <c>awk</c> and <c>cut</c> alike.</summary>
/// <param name="headers">A header that starts with '&gt;' makes its column right-aligned.</param>
internal sealed class TableWriter(params string[] headers)
{
    private const string Gap = "  ";

    private readonly List<Cell[]> _rows = [];

    public void Add(params Cell[] row) => _rows.Add(row);

    public void Write(TextWriter writer, Ink ink)
    {
        var titles = headers.Select(header => header.TrimStart('>')).ToArray();
        var widths = titles.Select(title => title.Length).ToArray();
        foreach (var row in _rows)
        {
            for (var i = 0; i < row.Length; i++)
            {
                widths[i] = Math.Max(widths[i], row[i].Text.Length);
            }
        }

        WriteRow(writer, widths, [.. titles.Select(title => new Cell(title, ink.Dim))]);
        foreach (var row in _rows)
        {
            WriteRow(writer, widths, row);
        }
    }

    private void WriteRow(TextWriter writer, int[] widths, Cell[] row)
    {
        for (var i = 0; i < row.Length; i++)
        {
            var cell = row[i];
            var space = new string(' ', widths[i] - cell.Text.Length);
            var drawn = cell.Paint is { } paint ? paint(cell.Text) : cell.Text;
            var right = headers[i].StartsWith('>');
            var last = i == row.Length - 1;
            writer.Write(right ? space + drawn : drawn + (last ? "" : space));
            writer.Write(last ? "\n" : Gap);
        }
    }
}
