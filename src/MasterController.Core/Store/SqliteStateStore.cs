using Microsoft.Extensions.Logging;

namespace MasterController.Core.Store;

public sealed class SqliteStateStore(string path, ILogger<SqliteStateStore>? logger = null) : IStateStore
{
    private readonly string _path = path;
    private readonly ILogger? _logger = logger;

    public Task CommitAsync(params ReadOnlySpan<StoreChange> changes) => Task.CompletedTask;

    public Task<StoreSnapshot> LoadAsync(CancellationToken cancellationToken) =>
        Task.FromResult(new StoreSnapshot([], [], [], [], [], [], new Dictionary<string, string>()));

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
