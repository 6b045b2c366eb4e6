using MasterController.Core.Store;

namespace MasterController.LinuxTests.Vms;

/// <summary>
/// The time between a controller's start and its crash. What it calls after that is never answered, so that what is
/// left of it in this process changes nothing any more, as after SIGKILL.
/// </summary>
internal sealed class Life
{
    private volatile bool _ended;

    public bool HasEnded => _ended;

    public void End() => _ended = true;

    public Task PassAsync() => _ended ? new TaskCompletionSource().Task : Task.CompletedTask;

    public IStateStore StoreOver(IStateStore store) => new View(this, store);

    private sealed class View(Life life, IStateStore store) : IStateStore
    {
        public Task CommitAsync(params ReadOnlySpan<StoreChange> changes) =>
            life._ended ? life.PassAsync() : store.CommitAsync(changes);

        public Task<StoreSnapshot> LoadAsync(CancellationToken cancellationToken) => store.LoadAsync(cancellationToken);

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
