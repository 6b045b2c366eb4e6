using System.Text.Json;
using Microsoft.Data.Sqlite;

namespace MasterController.Core.Store;

/// <summary>
/// The store of one host: a SQLite file in WAL mode with synchronous=FULL. One thread writes; it takes whatever has
/// been queued meanwhile into one transaction, so that one fsync serves all who wait. Where that transaction fails, each
/// caller's changes are tried on their own, and only those that fail are refused.
/// </summary>
public sealed class SqliteStateStore : IStateStore
{
    /// <summary>Calls that share a transaction at most: bounds how long the first of them waits.</summary>
    private const int GroupSize = 1024;

    /// <summary>How long what nobody waits for may wait for a commit that takes it along.</summary>
    private static readonly TimeSpan Later = TimeSpan.FromMilliseconds(50);

    private readonly SqliteConnection _connection;
    private readonly Thread _thread;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // Not a Lock: the thread waits on it for work.
    private readonly object _queueLock = new();
    private readonly Queue<Job> _queue = new();
    private int _awaited;
    private bool _isClosing;

    private readonly SqliteHistory _history;

    private SqliteStateStore(SqliteConnection connection, SqliteHistory history)
    {
        _connection = connection;
        _history = history;
        _thread = new Thread(Run) { Name = "state-store", IsBackground = true };
        _thread.Start();
    }

    /// <summary>
    /// Opens the file, makes it (mode 0600, its directory must exist) where it is missing, and migrates it where an
    /// older program wrote it.
    /// </summary>
    /// <exception cref="StoreUnusableException">Corrupt, unreachable, or from a newer program; nothing was changed.</exception>
    public static SqliteStateStore Open(string path) => Open(path, new SqliteStoreOptions());

    internal static SqliteStateStore Open(string path, SqliteStoreOptions options)
    {
        SqliteConnection? connection = null;
        SqliteConnection? reading = null;
        try
        {
            SqliteFile.Make(path);
            connection = SqliteFile.Connect(path, SqliteOpenMode.ReadWrite, options);
            connection.Run("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;");
            SqliteSchema.Migrate(connection);
            if (options.MaxPages is { } pages)
                connection.Run($"PRAGMA max_page_count = {pages}");
            reading = SqliteFile.Connect(path, SqliteOpenMode.ReadOnly, options);
            return new SqliteStateStore(connection, new SqliteHistory(reading));
        }
        catch (Exception failure) when (failure is SqliteException or IOException or UnauthorizedAccessException)
        {
            Abandon();
            throw new StoreUnusableException($"the state file {path} cannot be opened: {failure.Message}", failure);
        }
        catch (StoreUnusableException)
        {
            Abandon();
            throw;
        }

        void Abandon()
        {
            reading?.Dispose();
            connection?.Dispose();
        }
    }

    /// <summary>How long commits took of late.</summary>
    public CommitLatency Latency { get; } = new(TimeProvider.System);

    /// <summary>Read beside the commits; closed with the store.</summary>
    public IStateHistory History => _history;

    public Task CommitAsync(params ReadOnlySpan<StoreChange> changes)
    {
        var commit = new Job.Commit([.. changes], TimeProvider.System.GetTimestamp(), IsAwaited: true);
        return Enqueue(commit) ? commit.Stored.Task : Task.FromException(new StoreException("the store is closed"));
    }

    public Task CommitLaterAsync(params ReadOnlySpan<StoreChange> changes)
    {
        var commit = new Job.Commit([.. changes], TimeProvider.System.GetTimestamp(), IsAwaited: false);
        return Enqueue(commit) ? commit.Stored.Task : Task.FromException(new StoreException("the store is closed"));
    }

    public Task<StoreSnapshot> LoadAsync(CancellationToken cancellationToken)
    {
        var load = new Job.Load(cancellationToken);
        return Enqueue(load)
            ? load.Loaded.Task
            : Task.FromException<StoreSnapshot>(new StoreUnusableException("the store is closed"));
    }

    /// <summary>Stores what is queued, then closes the file.</summary>
    public async ValueTask DisposeAsync()
    {
        // First, so that the writer's connection is the last and moves the log into the file.
        await _history.DisposeAsync();
        lock (_queueLock)
        {
            _isClosing = true;
            Monitor.Pulse(_queueLock);
        }
        await _ended.Task;
    }

    private bool Enqueue(Job job)
    {
        lock (_queueLock)
        {
            if (_isClosing)
                return false;
            _queue.Enqueue(job);
            if (job.IsAwaited)
                _awaited++;
            if (_queue.Count == 1 || (job.IsAwaited && _awaited == 1))
                Monitor.Pulse(_queueLock);
            return true;
        }
    }

    private void Run()
    {
        using (_connection)
        using (var writer = new SqliteWriter(_connection))
        {
            List<Job.Commit> group = [];
            while (TakeWork(group, out var load))
            {
                if (group.Count > 0)
                    StoreGroup(writer, group);
                if (load is not null)
                    Answer(load);
                group.Clear();
            }
        }
        _ended.SetResult();
    }

    /// <summary>Waits for work; false when the store is closing and nothing is left to do.</summary>
    private bool TakeWork(List<Job.Commit> group, out Job.Load? load)
    {
        load = null;
        lock (_queueLock)
        {
            while (_queue.Count == 0)
            {
                if (_isClosing)
                    return false;
                Monitor.Wait(_queueLock);
            }
            while (_awaited == 0 && !_isClosing && Monitor.Wait(_queueLock, Later)) { }
            while (group.Count < GroupSize && load is null && _queue.TryDequeue(out var job))
            {
                if (job.IsAwaited)
                    _awaited--;
                if (job is Job.Commit commit)
                    group.Add(commit);
                else
                    load = (Job.Load)job;
            }
            return true;
        }
    }

    private void StoreGroup(SqliteWriter writer, List<Job.Commit> group)
    {
        var failure = TryStore(writer, group);
        // The first that somebody waits for has waited longest. One without changes only asks whether the store is there.
        if (group.Find(c => c.IsAwaited && c.Changes.Length > 0) is { } first)
            Latency.Add(TimeProvider.System.GetElapsedTime(first.QueuedAt));
        // Another process in the way is nobody's fault, and each of the group would wait for it anew.
        if (failure is null || failure.InnerException is SqliteException { SqliteErrorCode: SQLitePCL.raw.SQLITE_BUSY })
        {
            foreach (var commit in group)
                commit.End(failure);
            return;
        }
        foreach (var commit in group)
            commit.End(group.Count == 1 ? failure : TryStore(writer, [commit]));
    }

    /// <summary>Stores all in one transaction, or nothing; then says why.</summary>
    private static StoreException? TryStore(SqliteWriter writer, List<Job.Commit> group)
    {
        if (group.All(c => c.Changes.Length == 0))
            return null;
        try
        {
            writer.Begin();
            foreach (var commit in group)
            foreach (var change in commit.Changes)
                writer.Write(change);
            writer.Commit();
            return null;
        }
        catch (Exception failure) when (failure is SqliteException or StoreException)
        {
            writer.Rollback();
            return failure as StoreException ?? new StoreException($"not stored: {failure.Message}", failure);
        }
    }

    private void Answer(Job.Load load)
    {
        var leases = new LeaseRows();
        try
        {
            var reader = new SqliteReader(_connection, leases, load.CancellationToken);
            load.Loaded.SetResult(reader.Read());
            reader.ReadLeases();
            leases.End();
        }
        catch (OperationCanceledException cancelled)
        {
            if (!load.Loaded.TrySetCanceled(load.CancellationToken))
                leases.End(cancelled);
        }
        catch (Exception failure)
            when (failure is SqliteException or JsonException or FormatException or KeyNotFoundException)
        {
            var why = new StoreUnusableException(
                $"{_connection.DataSource} cannot be read: {failure.Message}",
                failure
            );
            if (!load.Loaded.TrySetException(why))
                leases.End(why);
        }
    }

    /// <param name="IsAwaited">Whether somebody waits for it.</param>
    private abstract record Job(bool IsAwaited)
    {
        public sealed record Commit(StoreChange[] Changes, long QueuedAt, bool IsAwaited) : Job(IsAwaited)
        {
            public TaskCompletionSource Stored { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

            public void End(StoreException? failure)
            {
                if (failure is null)
                    Stored.SetResult();
                else
                    Stored.SetException(failure);
            }
        }

        public sealed record Load(CancellationToken CancellationToken) : Job(IsAwaited: true)
        {
            public TaskCompletionSource<StoreSnapshot> Loaded { get; } =
                new(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }
}
