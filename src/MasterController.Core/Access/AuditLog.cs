using MasterController.Core.Store;
using Microsoft.Extensions.Logging;

namespace MasterController.Core.Access;

/// <summary>
/// Who asked for which change. An entry is queued before the change begins, so that by the order of commits none is
/// durable without it; nobody waits for it, as the commit of the change takes it along.
/// </summary>
public sealed partial class AuditLog(IStateStore store, ILogger<AuditLog> logger)
{
    private long _lastId;

    public void Load(StoreSnapshot snapshot) => _lastId = snapshot.LastAuditId;

    /// <summary>Notes that a change was asked for; the entry's id is given here.</summary>
    public AuditEntry Begin(AuditEntry asked)
    {
        var entry = asked with { Id = Interlocked.Increment(ref _lastId) };
        Save(entry);
        return entry;
    }

    /// <summary>Notes what came of it.</summary>
    public void End(AuditEntry entry) => Save(entry);

    private void Save(AuditEntry entry) => _ = SaveAsync(entry);

    private async Task SaveAsync(AuditEntry entry)
    {
        try
        {
            await store.CommitLaterAsync(new StoreChange.AuditSaved(entry));
        }
        catch (StoreException failure)
        {
            LogNotStored(failure, entry.Id, entry.Actor, entry.Action, entry.Subject);
        }
    }

    [LoggerMessage(
        Level = LogLevel.Error,
        Message = "Entry {Id} of the audit log is not stored: {Actor} {Action} {Subject}"
    )]
    private partial void LogNotStored(Exception failure, long id, string actor, string action, string? subject);
}
