using System.Text.Json;
using MasterController.Core.Access;
using MasterController.Core.Addressing;
using MasterController.Core.External;
using MasterController.Core.HostNetwork.Drift;
using MasterController.Core.Utilisation;
using MasterController.Linux.Addresses;
using Microsoft.Data.Sqlite;

namespace MasterController.Core.Store;

/// <summary>
/// Reads the past from the state file on a connection of its own, on the thread pool and one read at a time. In WAL mode
/// a reader sees what was committed when it began, and neither waits for the writer nor makes it wait.
/// </summary>
internal sealed partial class SqliteHistory(SqliteConnection connection) : IStateHistory, IAsyncDisposable
{
    private readonly SemaphoreSlim _turn = new(1);
    private readonly CancellationTokenSource _closed = new();

    /// <exception cref="StoreUnusableException">The store is closed, or what is there cannot be read.</exception>
    public Task<IReadOnlyList<PoolVersion>> ReadPoolVersionsAsync(string pool, CancellationToken cancellationToken) =>
        ReadAsync(
            """
            SELECT time, action, operation, pool_versions.document, actor
            FROM pool_versions JOIN pools ON pools.id = pool WHERE name = ?1 ORDER BY version
            """,
            query => query.Bind(pool),
            row => new PoolVersion(
                StoreDocuments.ReadPool(row.Text(3)),
                row.Time(0),
                row.Text(1),
                row.TextOrNull(2),
                row.Text(4)
            ),
            cancellationToken
        );

    /// <exception cref="StoreUnusableException">The store is closed, or what is there cannot be read.</exception>
    public async Task<IReadOnlyList<LeasePeriod>> ReadLeasePeriodsAsync(
        Ipv4Address address,
        CancellationToken cancellationToken
    )
    {
        // One statement, so that a lease that ends meanwhile is seen once. The join order makes it one look-up a pool.
        var periods = await ReadAsync(
            """
            SELECT pool, owner, since, until, operation FROM lease_history WHERE address = ?1
            UNION ALL
            SELECT name, owner, since, NULL, operation
            FROM pools CROSS JOIN leases ON leases.pool = pools.id AND leases.address = ?1 WHERE released IS NULL
            """,
            query => query.Bind(address.Value),
            row => new LeasePeriod(
                row.Text(0),
                address,
                row.Text(1),
                row.Time(2),
                row.IsNull(3) ? null : row.Time(3),
                row.TextOrNull(4)
            ),
            cancellationToken
        );
        return [.. periods.OrderBy(p => p.Until ?? DateTimeOffset.MaxValue).ThenBy(p => p.Since)];
    }

    /// <exception cref="StoreUnusableException">The store is closed, or what is there cannot be read.</exception>
    public Task<IReadOnlyList<UtilisationSample>> ReadUtilisationAsync(
        string pool,
        SampleInterval interval,
        DateTimeOffset from,
        DateTimeOffset to,
        CancellationToken cancellationToken
    ) =>
        ReadAsync(
            """
            SELECT time, total, used, cooling, reserved, free FROM utilisation
            WHERE pool = (SELECT id FROM pools WHERE name = ?1) AND interval = ?2 AND time BETWEEN ?3 AND ?4
            ORDER BY time
            """,
            query => query.Bind(pool).Bind((int)interval).Bind(from.UtcTicks).Bind(to.UtcTicks),
            row => new UtilisationSample(
                pool,
                row.Time(0),
                new PoolCounts(row.Int64(1), row.Int64(2), row.Int64(3), row.Int64(4), row.Int64(5))
            ),
            cancellationToken
        );

    /// <exception cref="StoreUnusableException">The store is closed, or what is there cannot be read.</exception>
    public Task<IReadOnlyList<DriftEntry>> ReadDriftAsync(int most, CancellationToken cancellationToken) =>
        ReadAsync(
            """
            SELECT ended, object, name, owner, expected, found, by, advice, since, observations, state
            FROM network_drift ORDER BY ended DESC, object, name, owner LIMIT ?1
            """,
            query => query.Bind(most),
            row => new DriftEntry(
                new Difference(DriftNames.ObjectOf(row.Text(1)), row.Text(2), row.Text(4), row.Text(5))
                {
                    Owner = row.Text(3) is { Length: > 0 } owner ? owner : null,
                    By = row.TextOrNull(6),
                    Advice = row.TextOrNull(7),
                },
                row.Time(8),
                (int)row.Int64(9),
                DriftNames.StateOf(row.Text(10)),
                row.Time(0)
            ),
            cancellationToken
        );

    /// <exception cref="StoreUnusableException">The store is closed, or what is there cannot be read.</exception>
    public async Task<ExternalPast> ReadExternalChangesAsync(
        string? vm,
        IpAddress? address,
        int most,
        CancellationToken cancellationToken
    )
    {
        var subject = vm ?? address?.ToString();
        var named = $"""
            time IN (SELECT time FROM external_change_subjects WHERE subject = ?1)
            AND id IN (SELECT change FROM external_change_subjects WHERE subject = ?1)
            {(
                vm is not null && address is not null
                    ? "AND id IN (SELECT change FROM external_change_subjects WHERE subject = ?3)"
                    : ""
            )}
            """;
        var where = subject is null ? "" : $"WHERE {named}";
        var rows = await ReadAsync(
            $"""
            SELECT time, id, action, summary, document, actor, count(*) OVER () FROM external_changes {where}
            ORDER BY time DESC, id DESC LIMIT ?2
            """,
            query =>
            {
                query.BindNullable(subject).Bind(most);
                if (vm is not null && address is { } both)
                    query.Bind(both.ToString());
            },
            row => (Change: ChangeIn(row), Total: (int)row.Int64(6)),
            cancellationToken
        );
        return new ExternalPast([.. rows.Select(r => r.Change)], rows.Count > 0 ? rows[0].Total : 0);
    }

    /// <exception cref="StoreUnusableException">The store is closed, or what is there cannot be read.</exception>
    public async Task<ExternalChange?> ReadExternalChangeAsync(string id, CancellationToken cancellationToken) =>
        (
            await ReadAsync(
                "SELECT time, id, action, summary, document, actor FROM external_changes WHERE id = ?1",
                query => query.Bind(id),
                ChangeIn,
                cancellationToken
            )
        ).FirstOrDefault();

    /// <exception cref="StoreUnusableException">The store is closed, or what is there cannot be read.</exception>
    public Task<IReadOnlyList<AuditEntry>> ReadAuditAsync(AuditFilter filter, CancellationToken cancellationToken)
    {
        var query = new SqliteAuditQuery(filter);
        return ReadAsync(query.Sql, query.Bind, SqliteAuditQuery.Read, cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        await _closed.CancelAsync();
        await _turn.WaitAsync();
        connection.Dispose();
        // Whoever waits is cancelled already.
        _turn.Release();
    }

    private static ExternalChange ChangeIn(SqliteStatement row) =>
        new(
            row.Text(1),
            row.Time(0),
            row.Text(2),
            row.Text(3),
            StoreDocuments.ReadExternalChanges(row.Text(4)),
            row.Text(5)
        );

    private async Task<IReadOnlyList<T>> ReadAsync<T>(
        string sql,
        Action<SqliteStatement> bind,
        Func<SqliteStatement, T> take,
        CancellationToken cancellationToken
    )
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _closed.Token);
        try
        {
            await _turn.WaitAsync(either.Token);
            try
            {
                return await Task.Run(() => Read(sql, bind, take, either.Token), either.Token);
            }
            finally
            {
                _turn.Release();
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new StoreUnusableException("the store is closed");
        }
        catch (OperationCanceledException)
        {
            throw new OperationCanceledException(cancellationToken);
        }
        catch (Exception failure) when (failure is SqliteException or JsonException or KeyNotFoundException)
        {
            throw new StoreUnusableException($"{connection.DataSource} cannot be read: {failure.Message}", failure);
        }
    }

    private List<T> Read<T>(
        string sql,
        Action<SqliteStatement> bind,
        Func<SqliteStatement, T> take,
        CancellationToken cancellationToken
    )
    {
        using var query = new SqliteStatement(connection, sql);
        bind(query);
        List<T> rows = [];
        while (query.Read())
        {
            cancellationToken.ThrowIfCancellationRequested();
            rows.Add(take(query));
        }
        return rows;
    }
}
