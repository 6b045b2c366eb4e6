namespace MasterController.Cli.Terminal;

/// <summary>One thing's fields, a line each; continuation lines of a value stand under its first.</summary>
internal sealed class FieldWriter
{
    private readonly List<(string Label, Cell Value)> _fields = [];

    /// <summary>Empty values are left out.</summary>
    public FieldWriter Add(string label, string? value, Func<string, string>? paint = null)
    {
        if (!string.IsNullOrEmpty(value))
        {
            _fields.Add((label, new Cell(value, paint)));
        }

        return this;
    }

    public void Write(TextWriter writer, Ink ink)
    {
        var width = _fields.Max(field => field.Label.Length) + 2;
        var previous = "";
        foreach (var (label, value) in _fields)
        {
            var lead =
                label == previous ? new string(' ', width) : ink.Dim(label) + new string(' ', width - label.Length);
            var text = value.Text.TrimEnd('\n').Replace("\n", "\n" + new string(' ', width), StringComparison.Ordinal);
            writer.Write($"{lead}{(value.Paint is { } paint ? paint(text) : text)}\n");
            previous = label;
        }
    }
}
