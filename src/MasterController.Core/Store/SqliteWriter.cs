using System.Text.Json;
using MasterController.Core.Addressing;
using Microsoft.Data.Sqlite;

namespace MasterController.Core.Store;

/// <summary>Writes changes through prepared statements, inside whatever transaction is open.</summary>
internal sealed class SqliteWriter(SqliteConnection connection) : IDisposable
{
    internal const string PoolId = "(SELECT id FROM pools WHERE name = ?1)";

    private readonly SqliteStatement _begin = new(connection, "BEGIN IMMEDIATE");
    private readonly SqliteStatement _commit = new(connection, "COMMIT");
    private readonly SqliteStatement _rollback = new(connection, "ROLLBACK");

    private readonly SqliteStatement _savePool = new(
        connection,
        "INSERT INTO pools (name, document) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET document = excluded.document"
    );
    private readonly SqliteHistoryWriter _history = new(connection);
    private readonly SqliteDriftWriter _drift = new(connection);
    private readonly SqliteExternalWriter _external = new(connection);
    private readonly SqliteEventWriter _events = new(connection);
    private readonly SqliteAccessWriter _access = new(connection);
    private readonly SqliteDocumentWriter _documents = new(connection);
    private readonly SqliteStatement _deleteLeases = new(connection, $"DELETE FROM leases WHERE pool = {PoolId}");
    private readonly SqliteStatement _deletePool = new(connection, "DELETE FROM pools WHERE name = ?1");

    // A last line of defence: whatever memory believes, no lease is ever overwritten by another owner's.
    private readonly SqliteStatement _saveLease = new(
        connection,
        $"""
        INSERT INTO leases (pool, address, owner, since, released, operation) VALUES ({PoolId}, ?2, ?3, ?4, NULL, ?5)
        ON CONFLICT (pool, address) DO UPDATE
        SET owner = excluded.owner, since = excluded.since, released = NULL, operation = excluded.operation
        WHERE leases.released IS NOT NULL OR leases.owner = excluded.owner
        """
    );
    private readonly SqliteStatement _releaseLease = new(
        connection,
        $"""
        INSERT INTO leases (pool, address, owner, since, released) VALUES ({PoolId}, ?2, ?3, ?4, ?5)
        ON CONFLICT (pool, address) DO UPDATE
        SET owner = excluded.owner, since = excluded.since, released = excluded.released,
            operation = CASE WHEN owner = excluded.owner AND since = excluded.since THEN operation END
        WHERE leases.released IS NOT NULL OR leases.owner = excluded.owner
        """
    );
    private readonly SqliteStatement _forgetLease = new(
        connection,
        $"DELETE FROM leases WHERE pool = {PoolId} AND address = ?2 AND released IS NOT NULL"
    );
    private readonly SqliteStatement _savePoolChange = Save(connection, "pool_changes", "id", "document");
    private readonly SqliteStatement _deletePoolChange = Delete(connection, "pool_changes", "id");
    private readonly SqliteStatement _saveVm = Save(connection, "vms", "id", "document");
    private readonly SqliteStatement _deleteVm = Delete(connection, "vms", "id");
    private readonly SqliteStatement _saveOperation = Save(connection, "operations", "id", "document");
    private readonly SqliteStatement _deleteOperation = Delete(connection, "operations", "id");
    private readonly SqliteStatement _saveKey = new(
        connection,
        """
        INSERT INTO idempotency_keys (key, request_hash, vm, created) VALUES (?1, ?2, ?3, ?4)
        ON CONFLICT (key) DO UPDATE
        SET request_hash = excluded.request_hash, vm = excluded.vm, created = excluded.created
        """
    );
    private readonly SqliteStatement _deleteKey = Delete(connection, "idempotency_keys", "key");
    private readonly SqliteStatement _saveSetting = Save(connection, "settings", "name", "value");

    public void Begin() => _begin.Run();

    public void Commit() => _commit.Run();

    public void Rollback()
    {
        // On some errors, a full disk among them, SQLite has rolled back by itself.
        if (SQLitePCL.raw.sqlite3_get_autocommit(connection.Handle) == 0)
            _rollback.Run();
    }

    /// <exception cref="StoreException">The address belongs to another owner.</exception>
    /// <exception cref="SqliteException">SQLite refused.</exception>
    public void Write(StoreChange change)
    {
        switch (change)
        {
            case StoreChange.PoolSaved(var pool):
                _savePool.Bind(pool.Name).Bind(JsonSerializer.Serialize(pool, StoreJson.Default.PoolDefinition)).Run();
                break;
            case StoreChange.PoolDeleted(var name):
                _history.DeletePool(name);
                _deleteLeases.Bind(name).Run();
                _deletePool.Bind(name).Run();
                break;
            case StoreChange.PoolChangeSaved(var poolChange):
                _savePoolChange
                    .Bind(poolChange.OperationId)
                    .Bind(JsonSerializer.Serialize(poolChange, StoreJson.Default.PoolChange))
                    .Run();
                break;
            case StoreChange.PoolChangeDeleted(var operationId):
                _deletePoolChange.Bind(operationId).Run();
                break;
            case StoreChange.LeaseSaved(var lease, var operationId):
                RefuseUnlessOne(
                    lease,
                    _saveLease
                        .Bind(lease.Pool)
                        .Bind(lease.Address.Value)
                        .Bind(lease.Owner)
                        .Bind(lease.Since.UtcTicks)
                        .BindNullable(operationId)
                        .Run()
                );
                break;
            case StoreChange.LeaseReleased(var lease, var releasedAt):
                _history.EndLease(lease, releasedAt);
                RefuseUnlessOne(
                    lease,
                    _releaseLease
                        .Bind(lease.Pool)
                        .Bind(lease.Address.Value)
                        .Bind(lease.Owner)
                        .Bind(lease.Since.UtcTicks)
                        .Bind(releasedAt.UtcTicks)
                        .Run()
                );
                break;
            case StoreChange.LeasesForgotten(var pool, var addresses):
                foreach (var address in addresses)
                    _forgetLease.Bind(pool).Bind(address.Value).Run();
                break;
            case StoreChange.VmSaved(var vm):
                _saveVm.Bind(vm.Id).Bind(JsonSerializer.Serialize(vm, StoreJson.Default.VmRecord)).Run();
                break;
            case StoreChange.VmDeleted(var id):
                _deleteVm.Bind(id).Run();
                break;
            case StoreChange.OperationSaved(var operation):
                _saveOperation
                    .Bind(operation.Id)
                    .Bind(JsonSerializer.Serialize(operation, StoreJson.Default.Operation))
                    .Run();
                break;
            case StoreChange.OperationDeleted(var id):
                _deleteOperation.Bind(id).Run();
                break;
            case StoreChange.IdempotencyKeySaved(var key):
                _saveKey.Bind(key.Key).Bind(key.RequestHash).Bind(key.VmId).Bind(key.CreatedAt.UtcTicks).Run();
                break;
            case StoreChange.IdempotencyKeyDeleted(var key):
                _deleteKey.Bind(key).Run();
                break;
            case StoreChange.DriftEnded(var entry):
                _drift.Save(entry);
                break;
            case StoreChange.DriftForgotten(var before):
                _drift.Forget(before);
                break;
            case StoreChange.SettingSaved(var name, var value):
                _saveSetting.Bind(name).Bind(value).Run();
                break;
            default:
                if (
                    !_events.TryWrite(change)
                    && !_external.TryWrite(change)
                    && !_access.TryWrite(change)
                    && !_documents.TryWrite(change)
                )
                    _history.Write(change);
                break;
        }
    }

    public void Dispose()
    {
        _history.Dispose();
        _drift.Dispose();
        _external.Dispose();
        _events.Dispose();
        _access.Dispose();
        _documents.Dispose();
        SqliteStatement[] statements =
        [
            _begin,
            _commit,
            _rollback,
            _savePool,
            _deleteLeases,
            _deletePool,
            _saveLease,
            _releaseLease,
            _forgetLease,
            _savePoolChange,
            _deletePoolChange,
            _saveVm,
            _deleteVm,
            _saveOperation,
            _deleteOperation,
            _saveKey,
            _deleteKey,
            _saveSetting,
        ];
        foreach (var statement in statements)
            statement.Dispose();
    }

    private static SqliteStatement Save(SqliteConnection connection, string table, string key, string value) =>
        new(
            connection,
            $"INSERT INTO {table} ({key}, {value}) VALUES (?1, ?2) ON CONFLICT ({key}) DO UPDATE SET {value} = excluded.{value}"
        );

    private static SqliteStatement Delete(SqliteConnection connection, string table, string key) =>
        new(connection, $"DELETE FROM {table} WHERE {key} = ?1");

    private static void RefuseUnlessOne(Lease lease, int rows)
    {
        if (rows != 1)
            throw new StoreException(
                $"{lease.Address} of pool {lease.Pool} is leased to another owner than {lease.Owner}"
            );
    }
}
