using MasterController.Core.Store;

namespace MasterController.Tests.Daemon;

/// <summary>A store that forgets; it fails when told to.</summary>
internal sealed class MemoryStore : IStateStore
{
    public string? Failure { get; set; }

    public Task CommitAsync(params ReadOnlySpan<StoreChange> changes) =>
        Failure is null ? Task.CompletedTask : Task.FromException(new StoreException(Failure));

    public Task<StoreSnapshot> LoadAsync(CancellationToken cancellationToken) =>
        Task.FromResult(new StoreSnapshot([], [], [], [], [], [], new Dictionary<string, string>()));

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
