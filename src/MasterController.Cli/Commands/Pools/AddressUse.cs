using MasterController.Cli.Terminal;

namespace MasterController.Cli.Commands.Pools;

/// <summary>What some addresses do, and how that looks: a bar, and every number with its denominator.</summary>
internal readonly record struct AddressUse(long Total, long Used, long Cooling, long Reserved, long Free)
{
    private const int BarWidth = 60;

    /// <summary>The headline, the bar and a line for each part.</summary>
    public void Draw(TextWriter writer, Ink ink, string pool)
    {
        writer.Write($"{ink.Bold(pool)}  {Readable.Count(Used)} of {Readable.Count(Total)} addresses used");
        writer.Write($" ({Readable.Percent(Used, Total)})\n\n  {Bar(ink, BarWidth)}\n\n");
        var digits = Readable.Count(Total).Length;
        foreach (var part in Parts(ink))
        {
            writer.Write(
                $"  {part.Paint(part.Glyph.ToString())} {part.Name, -8}  {Readable.Count(part.Count).PadLeft(digits)}"
            );
            writer.Write($"  {Readable.Percent(part.Count, Total), 8}\n");
        }

        writer.Write($"    {"total", -8}  {Readable.Count(Total).PadLeft(digits)}\n\n");
    }

    /// <summary>The bar alone, as a cell of a table.</summary>
    public Cell BarCell(Ink ink, int width)
    {
        var painted = Bar(ink, width);
        return new Cell(Bar(default, width), _ => painted);
    }

    private string Bar(Ink ink, int width)
    {
        var parts = Parts(ink);
        var widths = Widths([.. parts.Select(part => part.Count)], Total, width);
        return string.Concat(parts.Select((part, i) => part.Paint(new string(part.Glyph, widths[i]))));
    }

    private (string Name, char Glyph, long Count, Func<string, string> Paint)[] Parts(Ink ink) =>
        [
            ("used", '█', Used, ink.Green),
            ("cooling", '▓', Cooling, ink.Yellow),
            ("reserved", '▒', Reserved, ink.Blue),
            ("free", '░', Free, ink.Dim),
        ];

    /// <summary>
    /// Cells for each part that add up to <paramref name="width"/>: what is there gets one at least, so that a single
    /// address in a /8 is seen; the largest part gives them.
    /// </summary>
    internal static int[] Widths(long[] counts, long total, int width)
    {
        var cells = counts
            .Select(count => total <= 0 || count <= 0 ? 0 : Math.Max(1, (int)(count * width / total)))
            .ToArray();
        var largest = Array.IndexOf(counts, counts.Max());
        cells[largest] = Math.Max(0, cells[largest] + width - cells.Sum());
        return cells;
    }
}
