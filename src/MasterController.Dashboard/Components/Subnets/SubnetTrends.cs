using System.Globalization;
using MasterController.Contracts;

namespace MasterController.Dashboard.Components.Subnets;

/// <summary>
/// How many addresses of /24s were used each time that this page has read them: the controller keeps samples of pools, not
/// of /24s. Bounded: of the /24s that were read longest ago nothing is kept.
/// </summary>
public sealed class SubnetTrends
{
    private const int MostSubnets = 2000;
    private const int MostSamples = 60;

    private readonly Dictionary<string, List<(DateTimeOffset Time, long Used)>> _samples = new(StringComparer.Ordinal);
    private readonly Queue<string> _order = [];

    public void Add(DateTimeOffset now, IEnumerable<SubnetStats> subnets)
    {
        foreach (var subnet in subnets)
        {
            if (!_samples.TryGetValue(subnet.Cidr, out var of))
            {
                if (_order.Count == MostSubnets)
                    _samples.Remove(_order.Dequeue());
                _samples[subnet.Cidr] = of = [];
                _order.Enqueue(subnet.Cidr);
            }
            // What is scrolled past twice in a second is one sample.
            if (of.Count > 0 && now - of[^1].Time < TimeSpan.FromSeconds(1))
                of.RemoveAt(of.Count - 1);
            if (of.Count == MostSamples)
                of.RemoveAt(0);
            of.Add((now, subnet.Used));
        }
    }

    /// <summary>Used addresses gained since the first sample; null with fewer than two.</summary>
    public long? Change(string cidr) =>
        _samples.GetValueOrDefault(cidr) is { Count: > 1 } of ? of[^1].Used - of[0].Used : null;

    /// <summary>Points of an SVG line in a box, oldest at the left; null with fewer than two samples.</summary>
    public string? Line(string cidr, int width, int height)
    {
        if (_samples.GetValueOrDefault(cidr) is not { Count: > 1 } of)
            return null;
        var (least, most) = (of.Min(s => s.Used), of.Max(s => s.Used));
        var span = Math.Max(1, (of[^1].Time - of[0].Time).TotalSeconds);
        return string.Join(
            ' ',
            of.Select(s =>
            {
                var x = (s.Time - of[0].Time).TotalSeconds / span * width;
                var y = most == least ? height / 2.0 : height - (s.Used - least) * height / (double)(most - least);
                return string.Create(CultureInfo.InvariantCulture, $"{x:0.#},{y:0.#}");
            })
        );
    }
}
