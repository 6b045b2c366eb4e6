using System.Diagnostics;
using MasterController.Contracts;
using MasterController.Core.Addressing;
using MasterController.Core.Utilisation;

namespace MasterController.Daemon.Endpoints;

/// <summary>What is counted and forecast, as the contract shows it.</summary>
internal static class UtilisationMapping
{
    public static PoolStats Stats(PoolUse use, IReadOnlyList<Forecast> forecast) =>
        new(
            use.Pool.Name,
            use.Time,
            use.Counts.Total,
            use.Counts.Used,
            use.Counts.Cooling,
            use.Counts.Reserved,
            use.Counts.Free,
            use.IsOfOneInstant,
            use.Subnets,
            use.Untouched,
            [.. use.Ranges.Select(Range)],
            [.. use.Top.Select(Subnet)],
            [.. use.Bottom.Select(Subnet)],
            [.. forecast.Select(Of)]
        );

    public static SubnetStats Subnet(SubnetUse use) =>
        new(
            use.Network.ToString(),
            use.Counts.Total,
            use.Counts.Used,
            use.Counts.Cooling,
            use.Counts.Reserved,
            use.Counts.Free
        );

    public static FreeAddresses Free(FreeSpace free) =>
        new(
            free.Pool.Name,
            free.Time,
            free.Counts.Free,
            free.Counts.Total,
            StrategyName.Of(free.Pool.Strategy),
            free.Next?.ToString(),
            free.Next is not null ? null
                : free.Counts.Free == 0 ? "no address is free"
                : $"the strategy is \"{StrategyName.Of(free.Pool.Strategy)}\"",
            [.. free.Stretches.Select(s => new FreeStretch(s.First.ToString(), s.Last.ToString(), s.Count))],
            free.More
        );

    public static UtilisationPoint Point(UtilisationSample sample) =>
        new(
            sample.Time,
            sample.Counts.Total,
            sample.Counts.Used,
            sample.Counts.Cooling,
            sample.Counts.Reserved,
            sample.Counts.Free
        );

    private static RangeStats Range(RangeUse use) =>
        new(
            use.Range.Network.ToString(),
            use.Range.First.ToString(),
            use.Range.Last.ToString(),
            use.Counts.Total,
            use.Counts.Used,
            use.Counts.Cooling,
            use.Counts.Reserved,
            use.Counts.Free,
            use.Subnets,
            use.Untouched
        );

    private static PoolForecast Of(Forecast forecast)
    {
        var (outcome, fullAt, first) = forecast.Outcome switch
        {
            ForecastOutcome.FullNow => ("full", null, null),
            ForecastOutcome.FullAt at => ("full-at", at.Time, null),
            ForecastOutcome.NeverAtThisRate => ("never", null, null),
            ForecastOutcome.TooFewSamples few => ("too-few-samples", (DateTimeOffset?)null, few.First),
            _ => throw new UnreachableException(),
        };
        return new PoolForecast(forecast.WindowName, outcome, forecast.Outcome.PerHour, fullAt, first);
    }
}
