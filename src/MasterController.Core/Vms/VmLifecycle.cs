namespace MasterController.Core.Vms;

public sealed class VmLifecycle
{
    public VmConsole Console => throw new NotImplementedException();

    public VmRecord? Find(string idOrName) => throw new NotImplementedException();

    public VmPage List(VmFilter filter, int limit, string? cursor) => throw new NotImplementedException();

    public Task<VmOutcome> CreateAsync(
        VmRequest request,
        string? idempotencyKey,
        string? requestHash,
        CancellationToken ct
    ) => throw new NotImplementedException();

    public Task<VmOutcome> StartAsync(string idOrName, CancellationToken ct) => throw new NotImplementedException();

    public Task<VmOutcome> StopAsync(string idOrName, TimeSpan? timeout, CancellationToken ct) =>
        throw new NotImplementedException();

    public Task<VmOutcome> RestartAsync(string idOrName, TimeSpan? timeout, CancellationToken ct) =>
        throw new NotImplementedException();

    public Task<VmOutcome> DeleteAsync(string idOrName, CancellationToken ct) => throw new NotImplementedException();

    public Task<VmRecord?> WaitSettledAsync(string id, TimeSpan atMost, CancellationToken ct) =>
        throw new NotImplementedException();
}

public sealed class VmConsole
{
    public Task<string> TailAsync(VmRecord vm, int lines) => throw new NotImplementedException();

    public IAsyncEnumerable<string> FollowAsync(VmRecord vm, int tailLines, CancellationToken ct) =>
        throw new NotImplementedException();
}
