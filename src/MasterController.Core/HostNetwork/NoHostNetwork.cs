using Microsoft.Win32.SafeHandles;

namespace MasterController.Core.HostNetwork;

/// <summary>Mode "none": addresses are leased to another orchestrator, the host's network is left alone.</summary>
public sealed class NoHostNetwork : IHostNetwork
{
    public bool CanAttach => false;

    public string? Uplink => null;

    public Task<IReadOnlyList<string>> ApplyAsync(DesiredNetwork desired, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<string>>([]);

    public Task<IReadOnlyList<string>> SetNetworksAsync(
        IReadOnlyList<PoolNetwork> networks,
        CancellationToken cancellationToken
    ) => Task.FromResult<IReadOnlyList<string>>([]);

    public Task AttachAsync(Attachment attachment, CancellationToken cancellationToken) =>
        Task.FromException(Refusal(attachment));

    /// <summary>Nothing was attached, so nothing has to be done.</summary>
    public Task DetachAsync(Attachment attachment, CancellationToken cancellationToken) => Task.CompletedTask;

    public Task<SafeFileHandle> OpenTapAsync(Attachment attachment, CancellationToken cancellationToken) =>
        Task.FromException<SafeFileHandle>(Refusal(attachment));

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private static HostNetworkException Refusal(Attachment attachment) =>
        new($"{attachment.Address} cannot be attached: the network mode is \"none\"");
}
