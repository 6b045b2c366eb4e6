using MasterController.Core.Addressing;
using MasterController.Core.Operations;
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
                var pool = StoreDocuments.ReadPool(row.GetString(1));
                poolNames.Add(row.GetInt64(0), pool.Name);
                pools.Add(pool);
            }
        );
        List<VmRecord> vms = [];
        Each("SELECT document FROM vms", row => vms.Add(StoreDocuments.ReadVm(row.GetString(0))));
        List<Operation> operations = [];
        Each("SELECT document FROM operations", row => operations.Add(StoreDocuments.ReadOperation(row.GetString(0))));
        List<IdempotencyKey> keys = [];
        Each(
            "SELECT key, request_hash, vm, created FROM idempotency_keys",
            row => keys.Add(new IdempotencyKey(row.GetString(0), row.GetString(1), row.GetString(2), Time(row, 3)))
        );
        Dictionary<string, string> settings = [];
        Each("SELECT name, value FROM settings", row => settings.Add(row.GetString(0), row.GetString(1)));

        var released = new List<ReleasedLease>();
        var leases = new List<Lease>(Count("SELECT count(*) FROM leases"));
        Each(
            "SELECT pool, address, owner, since, released FROM leases ORDER BY pool, address",
            row =>
            {
                var address = new Ipv4Address((uint)row.GetInt64(1));
                var lease = new Lease(poolNames[row.GetInt64(0)], address, row.GetString(2), Time(row, 3));
                if (row.IsDBNull(4))
                    leases.Add(lease);
                else
                    released.Add(new ReleasedLease(lease, Time(row, 4)));
            }
        );
        return new StoreSnapshot(pools, leases, released, vms, operations, keys, settings);
    }

    private static DateTimeOffset Time(SqliteDataReader row, int column) => new(row.GetInt64(column), TimeSpan.Zero);

    private int Count(string sql) => Convert.ToInt32(connection.Scalar(sql));

    private void Each(string sql, Action<SqliteDataReader> take)
    {
        cancellationToken.ThrowIfCancellationRequested();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        using var row = command.ExecuteReader();
        while (row.Read())
        {
            cancellationToken.ThrowIfCancellationRequested();
            take(row);
        }
    }
}
