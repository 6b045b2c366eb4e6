using MasterController.Core.Addressing;
using MasterController.Core.Vms;

namespace MasterController.Core.Utilisation;

/// <summary>
/// Forecasts of all pools for who may not wait: whoever asks gets the last ones, and where these are a minute old, which is
/// how far samples are apart, the next are begun beside.
/// </summary>
public sealed class PoolForecasts(
    PoolDirectory pools,
    UtilisationHistory history,
    BackgroundWork work,
    TimeProvider clock
)
{
    public static readonly TimeSpan FreshFor = TimeSpan.FromMinutes(1);

    private readonly Lock _lock = new();
    private IReadOnlyDictionary<string, IReadOnlyList<Forecast>>? _last;
    private long _readAt;
    private bool _isReading;

    /// <summary>By the name of the pool; empty before the first reading, which this begins.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<Forecast>> Ask()
    {
        lock (_lock)
        {
            if (!_isReading && (_last is null || clock.GetElapsedTime(_readAt) >= FreshFor))
            {
                _isReading = true;
                work.Run("forecasting how full pools get", RefreshAsync);
            }
            return _last ?? new Dictionary<string, IReadOnlyList<Forecast>>();
        }
    }

    private async Task RefreshAsync()
    {
        var forecasts = new Dictionary<string, IReadOnlyList<Forecast>>(StringComparer.Ordinal);
        try
        {
            foreach (var pool in pools.Pools)
                if (pools.Counts(pool.Name) is { } counts)
                    forecasts[pool.Name] = await history.ForecastAsync(pool.Name, counts, work.Stopping);
        }
        finally
        {
            lock (_lock)
            {
                _last = forecasts;
                _readAt = clock.GetTimestamp();
                _isReading = false;
            }
        }
    }
}
