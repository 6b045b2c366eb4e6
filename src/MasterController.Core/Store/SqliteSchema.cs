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
        // 2. What is remembered of the past. Leases that ended lie together by address; an index of them by time would
        // repeat nearly the whole row, so lease_history_hours only says which addresses have one that ended in an hour
        // (of 36e9 ticks): what is given back often costs one entry an hour. Pools are named there, as it outlives them.
        // Of pools that are there already, the definition they have now is the first that is known.
        """
            ALTER TABLE leases ADD COLUMN operation TEXT;
            CREATE TABLE lease_history (
                address INTEGER NOT NULL,
                since INTEGER NOT NULL,
                owner TEXT NOT NULL,
                pool TEXT NOT NULL,
                until INTEGER NOT NULL,
                operation TEXT,
                PRIMARY KEY (address, since, owner, pool)
            ) STRICT, WITHOUT ROWID;
            CREATE TABLE lease_history_hours (
                hour INTEGER NOT NULL,
                address INTEGER NOT NULL,
                PRIMARY KEY (hour, address)
            ) STRICT, WITHOUT ROWID;
            CREATE TABLE pool_versions (
                pool INTEGER NOT NULL REFERENCES pools (id),
                version INTEGER NOT NULL,
                time INTEGER NOT NULL,
                action TEXT NOT NULL,
                operation TEXT,
                document TEXT NOT NULL,
                PRIMARY KEY (pool, version)
            ) STRICT, WITHOUT ROWID;
            CREATE TABLE pool_changes (id TEXT PRIMARY KEY, document TEXT NOT NULL) STRICT, WITHOUT ROWID;
            CREATE TABLE utilisation (
                pool INTEGER NOT NULL REFERENCES pools (id),
                interval INTEGER NOT NULL,
                time INTEGER NOT NULL,
                total INTEGER NOT NULL,
                used INTEGER NOT NULL,
                cooling INTEGER NOT NULL,
                reserved INTEGER NOT NULL,
                free INTEGER NOT NULL,
                PRIMARY KEY (pool, interval, time)
            ) STRICT, WITHOUT ROWID;

            INSERT INTO lease_history (address, since, owner, pool, until)
            SELECT address, since, owner, name, released
            FROM leases JOIN pools ON pools.id = leases.pool WHERE released IS NOT NULL;
            INSERT INTO lease_history_hours (hour, address)
            SELECT DISTINCT until / 36000000000, address FROM lease_history;
            INSERT INTO pool_versions (pool, version, time, action, document)
            SELECT
                id,
                coalesce(json_extract(document, '$.version'), 0),
                coalesce(
                    (SELECT min(since) FROM leases WHERE leases.pool = pools.id),
                    621355968000000000 + 10000000 * unixepoch()
                ),
                'create',
                document
            FROM pools;
            """,
        // 3. What differed in the host network and has ended. Owner is empty for what is ours.
        """
            CREATE TABLE network_drift (
                ended INTEGER NOT NULL,
                object TEXT NOT NULL,
                name TEXT NOT NULL,
                owner TEXT NOT NULL,
                expected TEXT NOT NULL,
                found TEXT NOT NULL,
                by TEXT,
                advice TEXT,
                since INTEGER NOT NULL,
                observations INTEGER NOT NULL,
                state TEXT NOT NULL,
                PRIMARY KEY (ended, object, name, owner)
            ) STRICT, WITHOUT ROWID;
            """,
        // 4. Dedicated addresses: what a VM has is in its document, since when is here, and what cools down. The document
        // of a change has what each VM had before and after; subjects are VMs and addresses, so that a VM's changes and
        // an address's are found without reading all.
        """
            CREATE TABLE external_leases (
                address TEXT PRIMARY KEY,
                vm TEXT NOT NULL,
                since INTEGER NOT NULL,
                released INTEGER
            ) STRICT, WITHOUT ROWID;
            CREATE TABLE external_changes (
                time INTEGER NOT NULL,
                id TEXT NOT NULL,
                action TEXT NOT NULL,
                summary TEXT NOT NULL,
                document TEXT NOT NULL,
                PRIMARY KEY (time, id)
            ) STRICT, WITHOUT ROWID;
            CREATE INDEX external_changes_id ON external_changes (id);
            CREATE TABLE external_change_subjects (
                subject TEXT NOT NULL,
                time INTEGER NOT NULL,
                change TEXT NOT NULL,
                PRIMARY KEY (subject, time, change)
            ) STRICT, WITHOUT ROWID;
            CREATE INDEX external_change_subjects_time ON external_change_subjects (time);
            """,
        // 5. What happened, in the order of ids, which is nearly that of time; web hooks with how far each has come; the
        // limits of owners.
        """
            CREATE TABLE events (
                id INTEGER PRIMARY KEY,
                time INTEGER NOT NULL,
                type TEXT NOT NULL,
                subject TEXT NOT NULL,
                message TEXT NOT NULL,
                data TEXT
            ) STRICT;
            CREATE INDEX events_subject ON events (subject);
            CREATE INDEX events_type ON events (type);
            CREATE TABLE webhooks (name TEXT PRIMARY KEY, document TEXT NOT NULL) STRICT, WITHOUT ROWID;
            CREATE TABLE quotas (owner TEXT PRIMARY KEY, document TEXT NOT NULL) STRICT, WITHOUT ROWID;
            """,
        // 6. Who may call, and who asked for what. Entries of the audit log grow in the order of their ids, and are found
        // by their time, to be forgotten, and by what they are about; all else is looked for from the newest on.
        """
            CREATE TABLE api_keys (id TEXT PRIMARY KEY, document TEXT NOT NULL) STRICT, WITHOUT ROWID;
            CREATE TABLE audit (
                id INTEGER PRIMARY KEY,
                time INTEGER NOT NULL,
                actor TEXT NOT NULL,
                role TEXT NOT NULL,
                action TEXT NOT NULL,
                subject TEXT,
                method TEXT NOT NULL,
                path TEXT NOT NULL,
                status INTEGER,
                error TEXT,
                operation TEXT,
                request TEXT,
                before TEXT,
                after TEXT
            ) STRICT;
            CREATE INDEX audit_time ON audit (time);
            CREATE INDEX audit_subject ON audit (subject) WHERE subject IS NOT NULL;
            ALTER TABLE pool_versions ADD COLUMN actor TEXT NOT NULL DEFAULT 'controller';
            ALTER TABLE external_changes ADD COLUMN actor TEXT NOT NULL DEFAULT 'controller';
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
