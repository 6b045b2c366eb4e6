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
    public async Task<IReadOnlyList<ControllerEvent>> FindEventsAsync(
        EventFilter filter,
        long? before,
        int most,
        CancellationToken cancellationToken
    )
    {
        // Each way is through an index that is in the order of ids, so that as much is read as is asked for.
        var (where, texts) = filter switch
        {
            { Subject: { } subject, Type: { } type } => (
                ["subject = ?5 AND (+type = ?6 OR +type >= ?6 || '.' AND +type < ?6 || '/')"],
                [subject, type]
            ),
            { Subject: { } subject } => (["subject = ?5"], [subject]),
            { Type: { } type } => await TypesAsync(type, cancellationToken),
            _ => ((string[])["1"], (string[])[]),
        };
        var parts = where.Select(condition =>
            $"""
                SELECT * FROM (
                    {EventColumns} WHERE {condition} AND id < ?1 AND time >= ?2 AND time <= ?3 ORDER BY id DESC LIMIT ?4
                )
                """
        );
        return await ReadAsync(
            $"SELECT * FROM ({string.Join(" UNION ALL ", parts)}) ORDER BY id DESC LIMIT ?4",
            query =>
            {
                query
                    .Bind(before ?? long.MaxValue)
                    .Bind((filter.From ?? DateTimeOffset.MinValue).UtcTicks)
                    .Bind((filter.To ?? DateTimeOffset.MaxValue).UtcTicks)
                    .Bind(most);
                foreach (var text in texts)
                    query.Bind(text);
            },
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

    /// <summary>A condition for each type that there is of this one and below it: there are few, of many events.</summary>
    private async Task<(string[] Where, string[] Texts)> TypesAsync(string type, CancellationToken cancellationToken)
    {
        // '/' comes next to '.'. Each step is one look-up in the index.
        var below = await ReadAsync(
            """
            WITH RECURSIVE below (type) AS (
                SELECT (SELECT min(type) FROM events WHERE type >= ?1 || '.' AND type < ?1 || '/')
                UNION ALL
                SELECT (SELECT min(type) FROM events WHERE type > below.type AND type < ?1 || '/')
                FROM below WHERE below.type IS NOT NULL
            )
            SELECT type FROM below WHERE type IS NOT NULL
            """,
            query => query.Bind(type),
            row => row.Text(0),
            cancellationToken
        );
        string[] types = [type, .. below];
        return ([.. types.Select((_, i) => $"type = ?{i + 5}")], types);
    }

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
