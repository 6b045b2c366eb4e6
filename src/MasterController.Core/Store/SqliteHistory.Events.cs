using System.Text.Json;
using MasterController.Core.Events;
using MasterController.Core.Quotas;
using MasterController.Core.WebHooks;

namespace MasterController.Core.Store;

internal sealed partial class SqliteHistory
{
    private const string EventColumns = "SELECT id, time, type, subject, message, data FROM events";

    /// <exception cref="StoreUnusableException">The store is closed, or what is there cannot be read.</exception>
    public Task<IReadOnlyList<ControllerEvent>> ReadEventsAsync(
        long after,
        int most,
        CancellationToken cancellationToken
    ) =>
        ReadAsync(
            $"{EventColumns} WHERE id > ?1 ORDER BY id LIMIT ?2",
            query => query.Bind(after).Bind(most),
            EventIn,
            cancellationToken
        );

    /// <exception cref="StoreUnusableException">The store is closed, or what is there cannot be read.</exception>
    public Task<IReadOnlyList<ControllerEvent>> FindEventsAsync(
        EventFilter filter,
        long? before,
        int most,
        CancellationToken cancellationToken
    )
    {
        // By the subject's index or from the newest back: both are in the order of ids, so that nothing has to be sorted.
        var subject = filter.Subject is null ? "?3 IS NULL" : "subject = ?3";
        return ReadAsync(
            $"""
            {EventColumns}
            WHERE id < ?1 AND {subject} AND (?2 IS NULL OR type = ?2 OR type BETWEEN ?2 || '.' AND ?2 || '.' || char(1114111))
                AND time >= ?4 AND time <= ?5
            ORDER BY id DESC LIMIT ?6
            """,
            query =>
                query
                    .Bind(before ?? long.MaxValue)
                    .BindNullable(filter.Type)
                    .BindNullable(filter.Subject)
                    .Bind((filter.From ?? DateTimeOffset.MinValue).UtcTicks)
                    .Bind((filter.To ?? DateTimeOffset.MaxValue).UtcTicks)
                    .Bind(most),
            EventIn,
            cancellationToken
        );
    }

    /// <exception cref="StoreUnusableException">The store is closed, or what is there cannot be read.</exception>
    public async Task<EventBounds> ReadEventBoundsAsync(
        DateTimeOffset since,
        int most,
        CancellationToken cancellationToken
    )
    {
        // The newest stays whatever its age: ids go on from it.
        var rows = await ReadAsync(
            """
            SELECT
                coalesce((SELECT min(id) FROM events), 0),
                max(
                    coalesce((SELECT id FROM events WHERE time >= ?1 ORDER BY id LIMIT 1), (SELECT max(id) FROM events), 0),
                    coalesce((SELECT id FROM events ORDER BY id DESC LIMIT 1 OFFSET ?2), 0)
                )
            """,
            query => query.Bind(since.UtcTicks).Bind(most - 1),
            row => new EventBounds(row.Int64(0), row.Int64(1)),
            cancellationToken
        );
        return rows[0];
    }

    /// <exception cref="StoreUnusableException">The store is closed, or what is there cannot be read.</exception>
    public Task<IReadOnlyList<WebHookRecord>> ReadWebHooksAsync(CancellationToken cancellationToken) =>
        ReadAsync(
            "SELECT document FROM webhooks ORDER BY name",
            _ => { },
            row => JsonSerializer.Deserialize(row.Text(0), StoreJson.Default.WebHookRecord)!,
            cancellationToken
        );

    /// <exception cref="StoreUnusableException">The store is closed, or what is there cannot be read.</exception>
    public Task<IReadOnlyList<OwnerQuota>> ReadQuotasAsync(CancellationToken cancellationToken) =>
        ReadAsync(
            "SELECT document FROM quotas ORDER BY owner",
            _ => { },
            row => JsonSerializer.Deserialize(row.Text(0), StoreJson.Default.OwnerQuota)!,
            cancellationToken
        );

    private static ControllerEvent EventIn(SqliteStatement row) =>
        new(
            row.Int64(0),
            row.Time(1),
            row.Text(2),
            row.Text(3),
            row.Text(4),
            row.TextOrNull(5) is { } data
                ? JsonSerializer.Deserialize(data, StoreJson.Default.IReadOnlyDictionaryStringString)
                : null
        );
}
