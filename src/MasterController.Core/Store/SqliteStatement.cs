using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace MasterController.Core.Store;

/// <summary>
/// A statement that is prepared once and run often, straight on SQLite: the ADO layer costs more than a row does.
/// Parameters are ?1, ?2, … in the order of binding, columns count from 0.
/// </summary>
internal sealed class SqliteStatement : IDisposable
{
    private readonly sqlite3 _database;
    private readonly sqlite3_stmt _statement;
    private int _bound;

    /// <exception cref="SqliteException">The statement is wrong, or its tables are not there.</exception>
    public SqliteStatement(SqliteConnection connection, string sql)
    {
        _database = connection.Handle!;
        Check(raw.sqlite3_prepare_v2(_database, sql, out _statement));
    }

    public SqliteStatement Bind(long value)
    {
        Check(raw.sqlite3_bind_int64(_statement, ++_bound, value));
        return this;
    }

    public SqliteStatement Bind(string value)
    {
        Check(raw.sqlite3_bind_text(_statement, ++_bound, value));
        return this;
    }

    public SqliteStatement BindNullable(string? value)
    {
        if (value is not null)
            return Bind(value);
        Check(raw.sqlite3_bind_null(_statement, ++_bound));
        return this;
    }

    public SqliteStatement BindNullable(long? value)
    {
        if (value is { } number)
            return Bind(number);
        Check(raw.sqlite3_bind_null(_statement, ++_bound));
        return this;
    }

    /// <summary>Runs it with what was bound and makes it ready for the next run; says how many rows it changed.</summary>
    public int Run()
    {
        _bound = 0;
        var result = raw.sqlite3_step(_statement);
        var rows = raw.sqlite3_changes(_database);
        if (result != raw.SQLITE_DONE)
        {
            // Made while the message is still about this statement: resetting comes with one of its own.
            var failure = Failure(result);
            raw.sqlite3_reset(_statement);
            throw failure;
        }
        raw.sqlite3_reset(_statement);
        return rows;
    }

    /// <summary>Goes to the next row of a query; false after the last.</summary>
    public bool Read()
    {
        var result = raw.sqlite3_step(_statement);
        if (result is not (raw.SQLITE_ROW or raw.SQLITE_DONE))
            throw Failure(result);
        return result == raw.SQLITE_ROW;
    }

    public long Int64(int column) => raw.sqlite3_column_int64(_statement, column);

    public string Text(int column) => raw.sqlite3_column_text(_statement, column).utf8_to_string();

    public string? TextOrNull(int column) => IsNull(column) ? null : Text(column);

    public bool IsNull(int column) => raw.sqlite3_column_type(_statement, column) == raw.SQLITE_NULL;

    public DateTimeOffset Time(int column) => new(Int64(column), TimeSpan.Zero);

    public void Dispose() => _statement.Dispose();

    private void Check(int result)
    {
        if (result == raw.SQLITE_OK)
            return;
        _bound = 0;
        throw Failure(result);
    }

    private SqliteException Failure(int result) =>
        new(raw.sqlite3_errmsg(_database).utf8_to_string(), result, raw.sqlite3_extended_errcode(_database));
}
