using System.Globalization;
using MasterController.Cli.Api;
using MasterController.Cli.Terminal;
using MasterController.Contracts;

namespace MasterController.Cli.Commands.Pools;

/// <summary>How a pool looks on the terminal: a bar of what its addresses do, with every number's denominator.</summary>
internal static class PoolView
{
    private const int BarWidth = 60;

    public static void Print(Session session, Pool pool) =>
        session.Print(pool, CliJson.Wire.Pool, [pool.Name], () => Draw(session, pool));

    private static void Draw(Session session, Pool pool)
    {
        var (writer, ink) = (session.Out, session.Terminal.OutInk);
        Usage(writer, ink, pool);
        var table = new TableWriter("RANGE", "FIRST", "LAST", "GATEWAY", "RESERVED");
        foreach (var range in pool.Ranges)
        {
            table.Add(range.Cidr, range.First, range.Last, range.Gateway, string.Join(",", range.Reservations));
        }

        table.Write(writer, ink);
        writer.Write('\n');
        PoolLeftovers.Draw(session, pool);
        new FieldWriter()
            .Add("Confirm", Confirm(pool), ink.Yellow)
            .Add("Strategy", pool.Strategy)
            .Add("Cool-down", $"{pool.CooldownSeconds} s before another owner gets a released address")
            .Add(
                "Early reuse",
                pool.AllowEarlyReuse ? "allowed, when no address is free: the one that has cooled longest" : "refused"
            )
            .Add("VM to VM", pool.AllowVmToVm ? "allowed" : "refused")
            .Add("Version", pool.Version.ToString(CultureInfo.InvariantCulture))
            .Write(writer, ink);
    }

    private static string? Confirm(Pool pool) =>
        pool.AwaitsConfirmation is { } operation
            ? $"{operation} is rolled back unless you say: mctl pool confirm {pool.Name}"
            : null;

    private static void Usage(TextWriter writer, Ink ink, Pool pool)
    {
        (string Name, char Glyph, long Count, Func<string, string> Paint)[] parts =
        [
            ("used", '█', pool.Used, ink.Green),
            ("cooling", '▓', pool.Cooling, ink.Yellow),
            ("reserved", '▒', pool.Reserved, ink.Blue),
            ("free", '░', pool.Free, ink.Dim),
        ];
        writer.Write(
            $"{ink.Bold(pool.Name)}  {Readable.Count(pool.Used)} of {Readable.Count(pool.Total)} addresses used"
        );
        writer.Write($" ({Readable.Percent(pool.Used, pool.Total)})\n\n  ");
        var widths = Widths([.. parts.Select(part => part.Count)], pool.Total, BarWidth);
        for (var i = 0; i < parts.Length; i++)
        {
            writer.Write(parts[i].Paint(new string(parts[i].Glyph, widths[i])));
        }

        writer.Write("\n\n");
        var digits = Readable.Count(pool.Total).Length;
        foreach (var part in parts)
        {
            writer.Write(
                $"  {part.Paint(part.Glyph.ToString())} {part.Name, -8}  {Readable.Count(part.Count).PadLeft(digits)}"
            );
            writer.Write($"  {Readable.Percent(part.Count, pool.Total), 8}\n");
        }

        writer.Write($"    {"total", -8}  {Readable.Count(pool.Total).PadLeft(digits)}\n\n");
    }

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
