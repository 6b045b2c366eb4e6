using MasterController.Core.Addressing;
using MasterController.Core.HostNetwork;
using MasterController.Core.Store;

namespace MasterController.Core.PoolChanges;

/// <summary>
/// What a change found, in a directory named after its operation: the pool's definition, our nftables table, and the
/// rules of others that it replaces. Those of the newest changes are kept.
/// </summary>
/// <param name="root">Made where it is missing, mode 0700: rules of others may be nobody's business.</param>
public sealed class PoolBackups(string root, IHostNetwork network)
{
    private const int Kept = 50;
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>May be repeated; what is there is written anew.</summary>
    public async Task WriteAsync(PoolChange change, CancellationToken cancellationToken)
    {
        var directory = Of(change);
        Directory.CreateDirectory(root, OwnerOnly);
        Directory.CreateDirectory(directory, OwnerOnly);
        await File.WriteAllTextAsync(
            Path.Combine(directory, "pool.json"),
            StoreDocuments.Write(change.Before),
            cancellationToken
        );
        await network.BackUpAsync(change.Replaced, directory, cancellationToken);
        foreach (
            var old in new DirectoryInfo(root).GetDirectories().OrderByDescending(d => d.LastWriteTimeUtc).Skip(Kept)
        )
            old.Delete(recursive: true);
    }

    /// <summary>Puts back the rules of others that a change removed.</summary>
    public Task RestoreAsync(PoolChange change, CancellationToken cancellationToken) =>
        change.Replaced.Count == 0
            ? Task.CompletedTask
            : network.RestoreAsync(change.Replaced, Of(change), cancellationToken);

    private string Of(PoolChange change) => Path.Combine(root, change.OperationId);
}
