using MasterController.Core.Addressing;
using MasterController.Core.Store;
using MasterController.Linux.Addresses;
using Microsoft.Data.Sqlite;
using Xunit;

namespace MasterController.Tests.Store;

public sealed class SqliteMigrationTests : IDisposable
{
    private readonly StateFile _file = new();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public void Dispose() => _file.Dispose();

    [Fact]
    public async Task A_file_of_the_first_version_keeps_its_leases_and_gets_a_history()
    {
        MakeFirstVersion(
            """
            INSERT INTO pools VALUES (7, 'p', '{"name":"p","ranges":[],"version":3}'), (9, 'unused', '{"name":"unused"}');
            INSERT INTO leases VALUES (7, 167772162, 'held', 5000, NULL), (7, 167772163, 'gone', 4000, 4500);
            """
        );
        var before = TimeProvider.System.GetUtcNow();
        await using (var store = SqliteStateStore.Open(_file.Path))
        {
            var snapshot = await store.LoadAsync(Cancelled);
            var lease = new Lease("p", Ipv4Address.Parse("10.0.0.2"), "held", new DateTimeOffset(5000, TimeSpan.Zero));
            Assert.Equal(lease, Assert.Single(snapshot.Leases));
            Assert.Equal("gone", Assert.Single(snapshot.Released).Lease.Owner);
            var cooling = await store.History.ReadLeasePeriodsAsync(Ipv4Address.Parse("10.0.0.3"), Cancelled);
            Assert.Equal(
                ("p", "gone", 4500, null),
                Assert.Single(cooling) switch
                {
                    var p => (p.Pool, p.Owner, p.Until?.Ticks, p.OperationId),
                }
            );

            var first = Assert.Single(await store.History.ReadPoolVersionsAsync("p", Cancelled));
            Assert.Equal((3, "create", 4000), (first.Definition.Version, first.Action, first.Time.Ticks));
            var unused = Assert.Single(await store.History.ReadPoolVersionsAsync("unused", Cancelled));
            Assert.InRange(unused.Time, before.AddSeconds(-1), TimeProvider.System.GetUtcNow());

            await store.CommitAsync(new StoreChange.LeaseHistoryForgotten(new DateTimeOffset(4501, TimeSpan.Zero)));
            Assert.Empty(await store.History.ReadLeasePeriodsAsync(Ipv4Address.Parse("10.0.0.3"), Cancelled));
        }
        // Migrated once and no more.
        await using var again = SqliteStateStore.Open(_file.Path);
        Assert.Single(await again.History.ReadPoolVersionsAsync("p", Cancelled));
    }

    private void MakeFirstVersion(string rows)
    {
        using var connection = new SqliteConnection($"Data Source={_file.Path};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = $"""
            CREATE TABLE pools (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, document TEXT NOT NULL) STRICT;
            CREATE TABLE leases (
                pool INTEGER NOT NULL REFERENCES pools (id), address INTEGER NOT NULL, owner TEXT NOT NULL,
                since INTEGER NOT NULL, released INTEGER, PRIMARY KEY (pool, address)
            ) STRICT, WITHOUT ROWID;
            CREATE TABLE vms (id TEXT PRIMARY KEY, document TEXT NOT NULL) STRICT, WITHOUT ROWID;
            CREATE TABLE operations (id TEXT PRIMARY KEY, document TEXT NOT NULL) STRICT, WITHOUT ROWID;
            CREATE TABLE idempotency_keys (
                key TEXT PRIMARY KEY, request_hash TEXT NOT NULL, vm TEXT NOT NULL, created INTEGER NOT NULL
            ) STRICT, WITHOUT ROWID;
            CREATE TABLE settings (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
            PRAGMA user_version = 1;
            {rows}
            """;
        command.ExecuteNonQuery();
    }
}
