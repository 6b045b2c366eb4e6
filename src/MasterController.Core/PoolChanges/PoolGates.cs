namespace MasterController.Core.PoolChanges;

/// <summary>Lets one change at a time into each pool, and says which one is inside.</summary>
internal sealed class PoolGates
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, Inside> _inside = new(StringComparer.Ordinal);

    /// <summary>Null when the operation is inside now, or was already; else the one that is.</summary>
    public string? TryEnter(string pool, string operationId)
    {
        lock (_lock)
        {
            if (_inside.TryGetValue(pool, out var holder))
                return holder.OperationId == operationId ? null : holder.OperationId;
            _inside.Add(pool, new Inside(operationId, new(TaskCreationOptions.RunContinuationsAsynchronously)));
            return null;
        }
    }

    public async Task EnterAsync(string pool, string operationId, CancellationToken cancellationToken)
    {
        while (TryEnter(pool, operationId) is not null)
            await LeftAsync(pool).WaitAsync(cancellationToken);
    }

    /// <summary>Does nothing when that operation is not inside.</summary>
    public void Leave(string pool, string operationId)
    {
        lock (_lock)
        {
            if (_inside.TryGetValue(pool, out var holder) && holder.OperationId == operationId)
            {
                _inside.Remove(pool);
                holder.Left.SetResult();
            }
        }
    }

    private Task LeftAsync(string pool)
    {
        lock (_lock)
            return _inside.TryGetValue(pool, out var holder) ? holder.Left.Task : Task.CompletedTask;
    }

    private sealed record Inside(string OperationId, TaskCompletionSource Left);
}
