using System.Text.Json;
using Microsoft.Data.Sqlite;

namespace MasterController.Core.Store;

/// <summary>Writes keys and the audit log, inside whatever transaction is open.</summary>
internal sealed class SqliteAccessWriter(SqliteConnection connection) : IDisposable
{
    private readonly SqliteStatement _saveKey = new(
        connection,
        "INSERT INTO api_keys (id, document) VALUES (?1, ?2) ON CONFLICT (id) DO UPDATE SET document = excluded.document"
    );
    private readonly SqliteStatement _deleteKey = new(connection, "DELETE FROM api_keys WHERE id = ?1");

    // Who asked for what is never changed; what came of it is not known from the beginning.
    private readonly SqliteStatement _saveEntry = new(
        connection,
        """
        INSERT INTO audit
            (id, time, actor, role, action, subject, method, path, status, error, operation, request, before, after)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)
        ON CONFLICT (id) DO UPDATE
        SET subject = excluded.subject, status = excluded.status, error = excluded.error,
            operation = excluded.operation, before = excluded.before, after = excluded.after
        """
    );
    private readonly SqliteStatement _forgetEntries = new(connection, "DELETE FROM audit WHERE time < ?1");

    /// <summary>False where the change is none of these.</summary>
    public bool TryWrite(StoreChange change)
    {
        switch (change)
        {
            case StoreChange.ApiKeySaved(var key):
                _saveKey.Bind(key.Id).Bind(JsonSerializer.Serialize(key, StoreJson.Default.ApiKey)).Run();
                return true;
            case StoreChange.ApiKeyDeleted(var id):
                _deleteKey.Bind(id).Run();
                return true;
            case StoreChange.AuditSaved(var entry):
                _saveEntry
                    .Bind(entry.Id)
                    .Bind(entry.Time.UtcTicks)
                    .Bind(entry.Actor)
                    .Bind(entry.Role)
                    .Bind(entry.Action)
                    .BindNullable(entry.Subject)
                    .Bind(entry.Method)
                    .Bind(entry.Path)
                    .BindNullable(entry.Status)
                    .BindNullable(entry.Error)
                    .BindNullable(entry.OperationId)
                    .BindNullable(entry.Request)
                    .BindNullable(entry.Before)
                    .BindNullable(entry.After)
                    .Run();
                return true;
            case StoreChange.AuditForgotten(var before):
                _forgetEntries.Bind(before.UtcTicks).Run();
                return true;
            default:
                return false;
        }
    }

    public void Dispose()
    {
        _saveKey.Dispose();
        _deleteKey.Dispose();
        _saveEntry.Dispose();
        _forgetEntries.Dispose();
    }
}
