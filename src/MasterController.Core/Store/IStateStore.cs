namespace MasterController.Core.Store;

/// <summary>
/// Durable state. One host: SQLite; a fleet: PostgreSQL. Everything is loaded once at start and lives in memory
/// after that; the store only ever takes changes.
/// </summary>
public interface IStateStore : IAsyncDisposable
{
    /// <summary>
    /// Queues changes before it returns, so that the order of calls is the order of durability, and completes when
    /// they are on disk. All changes of one call are stored or none; calls share transactions (group commit).
    /// With no changes it is a barrier: complete when everything queued before is durable.
    /// </summary>
    /// <exception cref="StoreException">Not stored; the store is as it was before, and still usable.</exception>
    Task CommitAsync(params ReadOnlySpan<StoreChange> changes);

    /// <summary>
    /// Queues changes in the same order as <see cref="CommitAsync"/>, and is in no hurry: they are stored with what somebody
    /// waits for next, or a moment later. So they cost nobody's commit a wait.
    /// </summary>
    /// <exception cref="StoreException">Not stored.</exception>
    Task CommitLaterAsync(params ReadOnlySpan<StoreChange> changes) => CommitAsync(changes);

    /// <summary>
    /// Reads everything, after what was committed before. The leases may still be on their way then, for there may be
    /// millions of them: whoever enumerates them gets each when it is read.
    /// </summary>
    /// <exception cref="StoreUnusableException">
    /// What is there cannot be read; also thrown to whoever enumerates the leases and gets to where they cannot.
    /// </exception>
    Task<StoreSnapshot> LoadAsync(CancellationToken cancellationToken);
}

/// <summary>A commit failed and left nothing behind.</summary>
public sealed class StoreException(string message, Exception? inner = null) : Exception(message, inner);
