using MasterController.Core.Store;

namespace MasterController.Core.Vms;

/// <summary>
/// Makes a create under a caller's key happen once: the same key with the same body ends at the same VM, also when
/// both arrive at once or the first reply was lost.
/// </summary>
internal sealed class IdempotencyKeys(TimeProvider clock)
{
    /// <summary>How long a key is remembered.</summary>
    public static readonly TimeSpan Retention = TimeSpan.FromHours(24);

    private readonly Lock _lock = new();
    private readonly Dictionary<string, IdempotencyKey> _used = [];
    private readonly Queue<IdempotencyKey> _oldestFirst = new();
    private readonly Dictionary<string, Task> _pending = [];

    public void Load(StoreSnapshot snapshot)
    {
        foreach (var key in snapshot.IdempotencyKeys.OrderBy(k => k.CreatedAt))
        {
            _used[key.Key] = key;
            _oldestFirst.Enqueue(key);
        }
    }

    /// <summary>Keys that are too old by now, as changes for the next commit.</summary>
    public List<StoreChange> Expire()
    {
        List<StoreChange> changes = [];
        lock (_lock)
        {
            while (_oldestFirst.TryPeek(out var oldest) && IsExpired(oldest))
            {
                _oldestFirst.Dequeue();
                _used.Remove(oldest.Key);
                changes.Add(new StoreChange.IdempotencyKeyDeleted(oldest.Key));
            }
        }
        return changes;
    }

    /// <summary>
    /// Runs <paramref name="create"/> unless the key made a VM before; <paramref name="create"/> stores the key that
    /// it is given together with the VM.
    /// </summary>
    public async Task<VmOutcome> OnceAsync(
        string key,
        string requestHash,
        Func<string, VmRecord?> find,
        Func<Func<string, IdempotencyKey>, Task<VmOutcome>> create
    )
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        while (true)
        {
            Task? other;
            lock (_lock)
            {
                if (_used.TryGetValue(key, out var used) && !IsExpired(used))
                    return Repeat(used, requestHash, find);
                if (!_pending.TryGetValue(key, out other))
                    _pending[key] = done.Task;
            }
            if (other is null)
                break;
            await other;
        }
        try
        {
            IdempotencyKey? made = null;
            var outcome = await create(vmId => made = new(key, requestHash, vmId, clock.GetUtcNow()));
            if (outcome is VmOutcome.Accepted && made is not null)
            {
                lock (_lock)
                {
                    _used[key] = made;
                    _oldestFirst.Enqueue(made);
                }
            }
            return outcome;
        }
        finally
        {
            lock (_lock)
                _pending.Remove(key);
            done.SetResult();
        }
    }

    private bool IsExpired(IdempotencyKey key) => clock.GetUtcNow() - key.CreatedAt > Retention;

    private static VmOutcome Repeat(IdempotencyKey used, string requestHash, Func<string, VmRecord?> find)
    {
        if (used.RequestHash != requestHash)
            return new VmOutcome.IdempotencyConflict(used.Key, $"it made {used.VmId} from another request body");
        return find(used.VmId) is { } vm
            ? new VmOutcome.AlreadyCreated(vm)
            : new VmOutcome.IdempotencyConflict(used.Key, $"it made {used.VmId}, which has been deleted since");
    }
}
