using MasterController.Core.Access;
using MasterController.Core.Addressing;
using MasterController.Core.External;
using MasterController.Core.Operations;
using MasterController.Core.PoolChanges;
using MasterController.Core.Vms;
using MasterController.Linux.Addresses;
using Microsoft.Data.Sqlite;

namespace MasterController.Core.Store;

/// <summary>Reads all there is, row by row.</summary>
/// <param name="leases">Take what <see cref="ReadLeases"/> reads.</param>
internal sealed class SqliteReader(SqliteConnection connection, LeaseRows leases, CancellationToken cancellationToken)
{
    private readonly Dictionary<long, string> _poolNames = [];

    /// <summary>Reads all but the leases, which are still to come in what is returned.</summary>
    /// <exception cref="SqliteException">SQLite could not read.</exception>
    /// <exception cref="System.Text.Json.JsonException">A document is not what it should be.</exception>
    public StoreSnapshot Read()
    {
        List<PoolDefinition> pools = [];
        Each(
            "SELECT id, document FROM pools ORDER BY id",
            row =>
            {
                var pool = StoreDocuments.ReadPool(row.Text(1));
                _poolNames.Add(row.Int64(0), pool.Name);
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
        Each(
            "SELECT pool, address, owner, since, released FROM leases WHERE released IS NOT NULL ORDER BY pool, address",
            row =>
            {
                var lease = new Lease(_poolNames[row.Int64(0)], AddressIn(row, 1), row.Text(2), row.Time(3));
                released.Add(new ReleasedLease(lease, row.Time(4)));
            }
        );
        List<ApiKey> keyring = [];
        Each("SELECT document FROM api_keys", row => keyring.Add(StoreDocuments.ReadApiKey(row.Text(0))));
        var lastAuditId = 0L;
        Each("SELECT coalesce(max(id), 0) FROM audit", row => lastAuditId = row.Int64(0));
        List<ExternalLease> external = [];
        Each(
            "SELECT address, vm, since, released FROM external_leases",
            row =>
                external.Add(
                    new ExternalLease(
                        IpAddress.Parse(row.Text(0)),
                        row.Text(1),
                        row.Time(2),
                        row.IsNull(3) ? null : row.Time(3)
                    )
                )
        );
        return new StoreSnapshot(pools, leases, released, vms, operations, keys, settings, poolChanges)
        {
            ExternalLeases = external,
            ApiKeys = keyring,
            LastAuditId = lastAuditId,
        };
    }

    /// <summary>Reads the leases into the snapshot that was read before, while whoever has that uses it.</summary>
    /// <exception cref="SqliteException">SQLite could not read.</exception>
    /// <exception cref="KeyNotFoundException">A lease is of a pool that is not there.</exception>
    public void ReadLeases()
    {
        var (poolId, pool) = (0L, "");
        Each(
            "SELECT pool, address, owner, since FROM leases WHERE released IS NULL ORDER BY pool, address",
            row =>
            {
                var id = row.Int64(0);
                if (pool.Length == 0 || id != poolId)
                    (poolId, pool) = (id, _poolNames[id]);
                leases.Add(pool, AddressIn(row, 1), row.Text(2), row.Int64(3));
            }
        );
    }

    private static Ipv4Address AddressIn(SqliteStatement row, int column) => new((uint)row.Int64(column));

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
