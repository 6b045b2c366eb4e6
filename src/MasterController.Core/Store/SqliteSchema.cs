using Microsoft.Data.Sqlite;

namespace MasterController.Core.Store;

/// <summary>The tables, as numbered migrations. One that has shipped is never edited; changes are appended.</summary>
internal static class SqliteSchema
{
    private static readonly string[] _migrations =
    [
        // 1. A lease that was released stays, with its time, until its cool-down is over. Times are ticks of 100 ns UTC.
        """
            CREATE TABLE pools (
                id INTEGER PRIMARY KEY,
                name TEXT NOT NULL UNIQUE,
                document TEXT NOT NULL
            ) STRICT;
            CREATE TABLE leases (
                pool INTEGER NOT NULL REFERENCES pools (id),
                address INTEGER NOT NULL,
                owner TEXT NOT NULL,
                since INTEGER NOT NULL,
                released INTEGER,
                PRIMARY KEY (pool, address)
            ) STRICT, WITHOUT ROWID;
            CREATE TABLE vms (id TEXT PRIMARY KEY, document TEXT NOT NULL) STRICT, WITHOUT ROWID;
            CREATE TABLE operations (id TEXT PRIMARY KEY, document TEXT NOT NULL) STRICT, WITHOUT ROWID;
            CREATE TABLE idempotency_keys (
                key TEXT PRIMARY KEY,
                request_hash TEXT NOT NULL,
                vm TEXT NOT NULL,
                created INTEGER NOT NULL
            ) STRICT, WITHOUT ROWID;
            CREATE TABLE settings (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
            """,
    ];

    /// <summary>The version that this program writes.</summary>
    public static int Version => _migrations.Length;

    /// <summary>Brings a database of any earlier version to this one, each migration in a transaction of its own.</summary>
    /// <exception cref="StoreUnusableException">A newer program has written it.</exception>
    public static void Migrate(SqliteConnection connection)
    {
        var version = Convert.ToInt32(connection.Scalar("PRAGMA user_version"));
        if (version > Version)
        {
            throw new StoreUnusableException(
                $"{connection.DataSource} has schema version {version}; this program knows {Version} at most. "
                    + "Start the newer program that wrote it, or restore a backup."
            );
        }
        for (var next = version + 1; next <= Version; next++)
            connection.Run($"BEGIN IMMEDIATE; {_migrations[next - 1]} PRAGMA user_version = {next}; COMMIT;");
    }
}
