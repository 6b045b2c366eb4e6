using MasterController.Core.Operations;
using MasterController.Core.Store;

namespace MasterController.Tests.Images;

/// <summary>Keeps operations as a store would, and survives the "controllers" that use it.</summary>
internal sealed class MemoryStore : IStateStore
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, Operation> _operations = [];

    /// <summary>Called after each commit with the operation that was saved.</summary>
    public Action<Operation>? Saved { get; set; }

    public Task CommitAsync(params ReadOnlySpan<StoreChange> changes)
    {
        foreach (var change in changes)
        {
            if (change is not StoreChange.OperationSaved(var operation))
                continue;
            lock (_lock)
                _operations[operation.Id] = operation;
            Saved?.Invoke(operation);
        }
        return Task.CompletedTask;
    }

    public Task<StoreSnapshot> LoadAsync(CancellationToken cancellationToken)
    {
        lock (_lock)
            return Task.FromResult(
                new StoreSnapshot([], [], [], [], [.. _operations.Values], [], new Dictionary<string, string>())
            );
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
