using MasterController.Cli.Terminal;
using MasterController.Contracts;

namespace MasterController.Cli.Commands.Pools;

/// <summary>A plan's ranges before and after under each other, in the same columns.</summary>
internal sealed class PlanRanges(IReadOnlyList<PoolRange> all, int width)
{
    private readonly int _networks = all.Select(range => range.Cidr.Length).DefaultIfEmpty().Max();

    private readonly int _addresses = all.Select(range => Addresses(range).Length).DefaultIfEmpty().Max();

    public IEnumerable<string> Lines(PoolRange range)
    {
        var gateway = range.Gateway is null ? "" : $"gateway {range.Gateway}";
        yield return $"{range.Cidr.PadRight(_networks)}  {Addresses(range).PadRight(_addresses)}  {gateway}".TrimEnd();
        if (range.Reservations.Count == 0)
        {
            yield break;
        }

        foreach (var line in Wrapped.Text($"reserved: {string.Join(", ", range.Reservations)}", width - 2))
        {
            yield return $"  {line}";
        }
    }

    private static string Addresses(PoolRange range) =>
        range.First == range.Last ? range.First : $"{range.First} – {range.Last}";
}
