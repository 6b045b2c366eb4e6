using System.Diagnostics;
using System.Globalization;
using MasterController.Core.Store;
using Microsoft.Data.Sqlite;

namespace MasterController.Bench.Subjects;

/// <summary>
/// A state file without the controller: prepared statements straight on SQLite, one thread, the store's durability (WAL,
/// synchronous=FULL).
/// </summary>
internal sealed class BareSqlite : IDisposable
{
    private const long FirstAddress = (10L << 24) + 2;

    private readonly SqliteConnection _connection;
    private readonly SqliteStatement _begin;
    private readonly SqliteStatement _insert;
    private readonly SqliteStatement _commit;
    private readonly long _pool;
    private int _written;

    /// <param name="file">A state file with one pool.</param>
    public BareSqlite(string file)
    {
        _connection = Connect(file);
        _connection.Run("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;");
        _pool = Convert.ToInt64(_connection.Scalar("SELECT id FROM pools"), CultureInfo.InvariantCulture);
        _begin = new SqliteStatement(_connection, "BEGIN IMMEDIATE");
        _insert = new SqliteStatement(
            _connection,
            "INSERT INTO leases (pool, address, owner, since) VALUES (?1, ?2, ?3, ?4)"
        );
        _commit = new SqliteStatement(_connection, "COMMIT");
    }

    public static SqliteConnection Connect(string file)
    {
        var options = new SqliteConnectionStringBuilder
        {
            DataSource = file,
            Mode = SqliteOpenMode.ReadWrite,
            Pooling = false,
        };
        var connection = new SqliteConnection(options.ToString());
        connection.Open();
        return connection;
    }

    /// <summary>Writes leases of the next addresses, so many a transaction, for as long; says how many.</summary>
    /// <param name="owners">Of whom those that have a lease already are passed over; enough of them for the time.</param>
    public int Write(string[] owners, int batch, TimeSpan time)
    {
        var before = _written;
        for (var began = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(began) < time; )
            Write(owners, batch, transactions: 1);
        return _written - before;
    }

    public void Write(string[] owners, int batch, int transactions)
    {
        for (; transactions > 0; transactions--)
        {
            _begin.Run();
            for (var last = _written + batch; _written < last; _written++)
            {
                _insert
                    .Bind(_pool)
                    .Bind(FirstAddress + _written)
                    .Bind(owners[_written])
                    .Bind(TimeProvider.System.GetUtcNow().UtcTicks)
                    .Run();
            }
            _commit.Run();
        }
    }

    public void Dispose()
    {
        _begin.Dispose();
        _insert.Dispose();
        _commit.Dispose();
        _connection.Dispose();
    }
}
