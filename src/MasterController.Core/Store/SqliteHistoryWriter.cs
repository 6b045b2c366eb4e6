using System.Text.Json;
using MasterController.Core.Addressing;
using MasterController.Core.Utilisation;
using Microsoft.Data.Sqlite;

namespace MasterController.Core.Store;

/// <summary>Writes what is remembered of the past, inside whatever transaction is open.</summary>
internal sealed class SqliteHistoryWriter(SqliteConnection connection) : IDisposable
{
    private const string PoolId = SqliteWriter.PoolId;

    // Asked before the row of the lease changes: it alone knows the operation.
    private readonly SqliteStatement _endLease = new(
        connection,
        $"""
        INSERT INTO lease_history (pool, address, owner, since, until, operation) VALUES (
            ?1, ?2, ?3, ?4, ?5,
            (SELECT operation FROM leases WHERE pool = {PoolId} AND address = ?2 AND owner = ?3 AND since = ?4)
        )
        ON CONFLICT (address, since, owner, pool) DO UPDATE SET until = excluded.until
        """
    );
    private readonly SqliteStatement _saveHour = new(
        connection,
        $"INSERT INTO lease_history_hours (address, hour) VALUES (?1, ?2 / {TimeSpan.TicksPerHour}) ON CONFLICT DO NOTHING"
    );
    private readonly SqliteStatement _forgetLeases = new(
        connection,
        $"""
        DELETE FROM lease_history WHERE until < ?1 AND address IN (
            SELECT address FROM lease_history_hours WHERE hour <= (?1 - 1) / {TimeSpan.TicksPerHour}
        )
        """
    );
    private readonly SqliteStatement _forgetHours = new(
        connection,
        $"DELETE FROM lease_history_hours WHERE hour < ?1 / {TimeSpan.TicksPerHour}"
    );
    private readonly SqliteStatement _saveVersion = new(
        connection,
        $"""
        INSERT INTO pool_versions (pool, version, time, action, operation, document, actor)
        VALUES ({PoolId}, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (pool, version) DO NOTHING
        """
    );
    private readonly SqliteStatement _deleteVersions = new(
        connection,
        $"DELETE FROM pool_versions WHERE pool = {PoolId}"
    );
    private readonly SqliteStatement _saveSample = new(
        connection,
        """
        INSERT OR REPLACE INTO utilisation (pool, interval, time, total, used, cooling, reserved, free)
        SELECT id, ?2, ?3, ?4, ?5, ?6, ?7, ?8 FROM pools WHERE name = ?1
        """
    );
    private readonly SqliteStatement _forgetSamples = new(
        connection,
        "DELETE FROM utilisation WHERE pool IN (SELECT id FROM pools) AND interval = ?1 AND time < ?2"
    );
    private readonly SqliteStatement _deleteSamples = new(connection, $"DELETE FROM utilisation WHERE pool = {PoolId}");

    /// <summary>To be called before the lease itself is released.</summary>
    public void EndLease(Lease lease, DateTimeOffset until)
    {
        _endLease
            .Bind(lease.Pool)
            .Bind(lease.Address.Value)
            .Bind(lease.Owner)
            .Bind(lease.Since.UtcTicks)
            .Bind(until.UtcTicks)
            .Run();
        _saveHour.Bind(lease.Address.Value).Bind(until.UtcTicks).Run();
    }

    /// <summary>Removes what goes with a pool; to be called before the pool goes.</summary>
    public void DeletePool(string name)
    {
        _deleteVersions.Bind(name).Run();
        _deleteSamples.Bind(name).Run();
    }

    public void Write(StoreChange change)
    {
        switch (change)
        {
            case StoreChange.PoolVersionSaved(var version):
                _saveVersion
                    .Bind(version.Definition.Name)
                    .Bind(version.Definition.Version)
                    .Bind(version.Time.UtcTicks)
                    .Bind(version.Action)
                    .BindNullable(version.OperationId)
                    .Bind(JsonSerializer.Serialize(version.Definition, StoreJson.Default.PoolDefinition))
                    .Bind(version.By)
                    .Run();
                break;
            case StoreChange.LeaseHistoryForgotten(var before):
                _forgetLeases.Bind(before.UtcTicks).Run();
                _forgetHours.Bind(before.UtcTicks).Run();
                break;
            case StoreChange.UtilisationSaved(var sample, var interval):
                _saveSample
                    .Bind(sample.Pool)
                    .Bind((int)interval)
                    .Bind(sample.Time.UtcTicks)
                    .Bind(sample.Counts.Total)
                    .Bind(sample.Counts.Used)
                    .Bind(sample.Counts.Cooling)
                    .Bind(sample.Counts.Reserved)
                    .Bind(sample.Counts.Free)
                    .Run();
                break;
            case StoreChange.UtilisationForgotten(var interval, var before):
                _forgetSamples.Bind((int)interval).Bind(before.UtcTicks).Run();
                break;
            default:
                throw new System.Diagnostics.UnreachableException();
        }
    }

    public void Dispose()
    {
        SqliteStatement[] statements =
        [
            _endLease,
            _saveHour,
            _forgetLeases,
            _forgetHours,
            _saveVersion,
            _deleteVersions,
            _saveSample,
            _forgetSamples,
            _deleteSamples,
        ];
        foreach (var statement in statements)
            statement.Dispose();
    }
}
