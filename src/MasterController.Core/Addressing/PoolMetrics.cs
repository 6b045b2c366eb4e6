using System.Diagnostics.Metrics;
using MasterController.Core.Utilisation;

namespace MasterController.Core.Addressing;

/// <summary>
/// What pools have and do, read when somebody asks: leasing and giving back count plain numbers under a lock that they hold
/// anyway, and pay for no measuring. Four series a pool for its addresses, two for what happens, three for forecasts.
/// </summary>
public sealed class PoolMetrics
{
    private readonly PoolDirectory _pools;
    private readonly PoolForecasts _forecasts;
    private readonly TimeProvider _clock;

    public PoolMetrics(IMeterFactory meters, PoolDirectory pools, PoolForecasts forecasts, TimeProvider clock)
    {
        (_pools, _forecasts, _clock) = (pools, forecasts, clock);
        var meter = meters.Create("MasterController.Pools");
        meter.CreateObservableGauge(
            "master_controller_pool_addresses",
            Addresses,
            unit: null,
            "Addresses of a pool by what they do."
        );
        meter.CreateObservableCounter(
            "master_controller_leases",
            () => Activity(activity => activity.Leased),
            unit: null,
            "Addresses that were leased."
        );
        meter.CreateObservableCounter(
            "master_controller_releases",
            () => Activity(activity => activity.Released),
            unit: null,
            "Addresses that were given back."
        );
        meter.CreateObservableGauge(
            "master_controller_pool_full_seconds",
            Forecasts,
            unit: null,
            "Until the pool is full at the rate of the window before now; absent where it never is, or nothing is known."
        );
    }

    private IEnumerable<string> Names => _pools.IsLoaded ? _pools.Pools.Select(p => p.Name) : [];

    private IEnumerable<Measurement<long>> Addresses()
    {
        foreach (var pool in Names)
        {
            if (_pools.Counts(pool) is not { } counts)
                continue;
            yield return Of(counts.Used, "used");
            yield return Of(counts.Free, "free");
            yield return Of(counts.Cooling, "cooling");
            yield return Of(counts.Reserved, "reserved");

            Measurement<long> Of(long count, string state) => new(count, new("pool", pool), new("state", state));
        }
    }

    private IEnumerable<Measurement<long>> Activity(Func<PoolActivity, long> count)
    {
        foreach (var pool in Names)
            if (_pools.Activity(pool) is { } activity)
                yield return new(count(activity), new KeyValuePair<string, object?>("pool", pool));
    }

    private IEnumerable<Measurement<double>> Forecasts()
    {
        if (!_pools.IsLoaded)
            yield break;
        var now = _clock.GetUtcNow();
        foreach (var (pool, forecasts) in _forecasts.Ask())
        foreach (var forecast in forecasts)
        {
            double? seconds = forecast.Outcome switch
            {
                ForecastOutcome.FullNow => 0,
                ForecastOutcome.FullAt full => Math.Max(0, (full.Time - now).TotalSeconds),
                _ => null,
            };
            if (seconds is { } known)
                yield return new(known, new("pool", pool), new("window", forecast.WindowName));
        }
    }
}
