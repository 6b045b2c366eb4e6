using System.Text.Json;
using Microsoft.Data.Sqlite;

namespace MasterController.Core.Store;

/// <summary>Writes what callers have set up, inside whatever transaction is open.</summary>
internal sealed class SqliteDocumentWriter(SqliteConnection connection) : IDisposable
{
    private readonly SqliteStatement _saveHook = new(
        connection,
        "INSERT OR REPLACE INTO webhooks (name, document) VALUES (?1, ?2)"
    );
    private readonly SqliteStatement _deleteHook = new(connection, "DELETE FROM webhooks WHERE name = ?1");
    private readonly SqliteStatement _saveQuota = new(
        connection,
        "INSERT OR REPLACE INTO quotas (owner, document) VALUES (?1, ?2)"
    );
    private readonly SqliteStatement _deleteQuota = new(connection, "DELETE FROM quotas WHERE owner = ?1");

    /// <summary>False where the change is of another kind.</summary>
    public bool TryWrite(StoreChange change)
    {
        switch (change)
        {
            case StoreChange.WebHookSaved(var hook):
                _saveHook.Bind(hook.Name).Bind(JsonSerializer.Serialize(hook, StoreJson.Default.WebHookRecord)).Run();
                return true;
            case StoreChange.WebHookDeleted(var name):
                _deleteHook.Bind(name).Run();
                return true;
            case StoreChange.QuotaSaved(var quota):
                _saveQuota.Bind(quota.Owner).Bind(JsonSerializer.Serialize(quota, StoreJson.Default.OwnerQuota)).Run();
                return true;
            case StoreChange.QuotaDeleted(var owner):
                _deleteQuota.Bind(owner).Run();
                return true;
            default:
                return false;
        }
    }

    public void Dispose()
    {
        _saveHook.Dispose();
        _deleteHook.Dispose();
        _saveQuota.Dispose();
        _deleteQuota.Dispose();
    }
}
