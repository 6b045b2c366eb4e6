using Microsoft.Data.Sqlite;

namespace MasterController.Core.Store;

/// <summary>A statement that is prepared once; its parameters are ?1, ?2, … in the order given.</summary>
internal sealed class SqliteStatement : IDisposable
{
    private readonly SqliteCommand _command;

    public SqliteStatement(SqliteConnection connection, string sql, int parameters = 0)
    {
        _command = connection.CreateCommand();
        _command.CommandText = sql;
        for (var i = 1; i <= parameters; i++)
            _command.Parameters.Add(new SqliteParameter($"?{i}", value: null));
    }

    /// <summary>How many rows it changed.</summary>
    public int Run(params ReadOnlySpan<object> values)
    {
        for (var i = 0; i < values.Length; i++)
            _command.Parameters[i].Value = values[i];
        return _command.ExecuteNonQuery();
    }

    public void Dispose() => _command.Dispose();
}
