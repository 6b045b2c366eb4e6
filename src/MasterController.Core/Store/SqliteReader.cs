using MasterController.Core.Addressing;
using MasterController.Core.Operations;
using MasterController.Core.PoolChanges;
using MasterController.Core.Vms;
using MasterController.Linux.Addresses;
using Microsoft.Data.Sqlite;

namespace MasterController.Core.Store;

/// <summary>Reads all there is, row by row.</summary>
internal sealed class SqliteReader(SqliteConnection connection, CancellationToken cancellationToken)
{
    /// <exception cref="SqliteException">SQLite could not read.</exception>
    /// <exception cref="System.Text.Json.JsonException">A document is not what it should be.</exception>
    public StoreSnapshot Read()
    {
        Dictionary<long, string> poolNames = [];
        List<PoolDefinition> pools = [];
        Each(
            "SELECT id, document FROM pools ORDER BY id",
            row =>
            {
                var pool = StoreDocuments.ReadPool(row.Text(1));
                poolNames.Add(row.Int64(0), pool.Name);
                pools.Add(pool);
            }
        );
        List<VmRecord> vms = [];
        Each("SELECT document FROM vms", row => vms.Add(StoreDocuments.ReadVm(row.Text(0))));
        List<Operation> operations = [];
        Each("SELECT document FROM operations", row => operations.Add(StoreDocuments.ReadOperation(row.Text(0))));
        List<IdempotencyKey> keys = [];
        Each(
            "SELECT key, request_hash, vm, created FROM idempotency_keys",
            row => keys.Add(new IdempotencyKey(row.Text(0), row.Text(1), row.Text(2), row.Time(3)))
        );
        Dictionary<string, string> settings = [];
        Each("SELECT name, value FROM settings", row => settings.Add(row.Text(0), row.Text(1)));

        List<PoolChange> poolChanges = [];
        Each("SELECT document FROM pool_changes", row => poolChanges.Add(StoreDocuments.ReadPoolChange(row.Text(0))));

        List<ReleasedLease> released = [];
        var leases = new LeaseRows(Count("SELECT count(*) FROM leases WHERE released IS NULL"));
        Each(
            "SELECT pool, address, owner, since, released FROM leases ORDER BY pool, address",
            row =>
            {
                var pool = poolNames[row.Int64(0)];
                var address = new Ipv4Address((uint)row.Int64(1));
                if (row.IsNull(4))
                    leases.Add(pool, address, row.Text(2), row.Int64(3));
                else
                    released.Add(new ReleasedLease(new Lease(pool, address, row.Text(2), row.Time(3)), row.Time(4)));
            }
        );
        return new StoreSnapshot(pools, leases, released, vms, operations, keys, settings, poolChanges);
    }

    private int Count(string sql) => Convert.ToInt32(connection.Scalar(sql));

    private void Each(string sql, Action<SqliteStatement> take)
    {
        using var row = new SqliteStatement(connection, sql);
        while (row.Read())
        {
            cancellationToken.ThrowIfCancellationRequested();
            take(row);
        }
    }
}
