using MasterController.Core.Addressing;
using MasterController.Core.Store;

namespace MasterController.Core.Utilisation;

/// <summary>What was sampled of pools, and what follows from it.</summary>
public sealed class UtilisationHistory(IStateHistory history, TimeProvider clock)
{
    /// <summary>Samples from one time to another, both inclusive, oldest first.</summary>
    public Task<IReadOnlyList<UtilisationSample>> ReadAsync(
        string pool,
        SampleInterval interval,
        DateTimeOffset from,
        DateTimeOffset to,
        CancellationToken cancellationToken
    ) => history.ReadUtilisationAsync(pool, interval, from, to, cancellationToken);

    /// <summary>
    /// For the last hour, day and week. The hour's samples are those of minutes, of which there are enough to tell; the
    /// longer times are told from those of hours, up to the last minute.
    /// </summary>
    public async Task<IReadOnlyList<Forecast>> ForecastAsync(
        string pool,
        PoolCounts counts,
        CancellationToken cancellationToken
    )
    {
        var now = clock.GetUtcNow();
        var minutes = await ReadAsync(pool, SampleInterval.Minute, now - Forecast.Windows[0], now, cancellationToken);
        var hours = await ReadAsync(pool, SampleInterval.Hour, now - Forecast.Windows[^1], now, cancellationToken);
        UtilisationSample[] samples = [.. hours.Concat(minutes).OrderBy(s => s.Time)];
        return
        [
            .. Forecast.Windows.Select(w => Forecast.Of(w, w == Forecast.Windows[0] ? minutes : samples, counts, now)),
        ];
    }
}
