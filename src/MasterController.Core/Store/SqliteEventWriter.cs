using System.Text.Json;
using MasterController.Core.Events;
using Microsoft.Data.Sqlite;

namespace MasterController.Core.Store;

/// <summary>Writes what happened, inside whatever transaction is open.</summary>
internal sealed class SqliteEventWriter(SqliteConnection connection) : IDisposable
{
    private readonly SqliteStatement _save = new(
        connection,
        "INSERT OR REPLACE INTO events (id, time, type, subject, message, data) VALUES (?1, ?2, ?3, ?4, ?5, ?6)"
    );
    private readonly SqliteStatement _forget = new(connection, "DELETE FROM events WHERE id < ?1");

    /// <summary>False where the change is of another kind.</summary>
    public bool TryWrite(StoreChange change)
    {
        switch (change)
        {
            case StoreChange.EventsSaved(var events):
                foreach (var happened in events)
                    Save(happened);
                return true;
            case StoreChange.EventsForgotten(var before):
                _forget.Bind(before).Run();
                return true;
            default:
                return false;
        }
    }

    public void Dispose()
    {
        _save.Dispose();
        _forget.Dispose();
    }

    private void Save(ControllerEvent happened) =>
        _save
            .Bind(happened.Id)
            .Bind(happened.Time.UtcTicks)
            .Bind(happened.Type)
            .Bind(happened.Subject)
            .Bind(happened.Message)
            .BindNullable(
                happened.Data is { } data
                    ? JsonSerializer.Serialize(data, StoreJson.Default.IReadOnlyDictionaryStringString)
                    : null
            )
            .Run();
}
