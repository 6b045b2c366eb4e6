using System.Text.RegularExpressions;

namespace MasterController.Tests.Telemetry;

/// <summary>What <c>/metrics</c> has answered, in Prometheus' text format.</summary>
internal sealed partial class Scrape(string text)
{
    /// <summary>Without those of the runtime.</summary>
    public IReadOnlyList<string> Series { get; } =
    [.. text.Split('\n').Where(l => l.StartsWith("master_controller_", StringComparison.Ordinal))];

    public int Total { get; } = text.Split('\n').Count(l => l.Length > 0 && l[0] != '#');

    public IReadOnlySet<string> Names => Series.Select(s => Name.Match(s).Value).ToHashSet();

    /// <summary>The value of a series, written as it is there: <c>NAME{label="value"}</c>.</summary>
    public double this[string series] =>
        double.Parse(
            Series.Single(s => s.StartsWith(series + ' ', StringComparison.Ordinal))[(series.Length + 1)..].Split(' ')[
                0
            ]
        );

    public bool Has(string part) => Series.Any(s => s.Contains(part, StringComparison.Ordinal));

    [GeneratedRegex("^[a-z0-9_]+")]
    private static partial Regex Name { get; }
}
