using MasterController.Core.Addressing;
using MasterController.Core.HostNetwork;
using MasterController.Core.Store;
using MasterController.Linux.Files;

namespace MasterController.Core.PoolChanges;

/// <summary>
/// What a change found, in a directory named after its operation: the pool's definition, our nftables table, and the
/// rules of others that it replaces. Those of the newest changes are kept.
/// </summary>
/// <param name="root">Made where it is missing, mode 0700: rules of others may be nobody's business.</param>
public sealed class PoolBackups(string root, IHostNetwork network)
{
    private const int Kept = 50;
    private const string ReplacedName = "replaced.json";
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>May be repeated; what is there is written anew.</summary>
    public async Task WriteAsync(PoolChange change, CancellationToken cancellationToken)
    {
        var directory = Of(change.OperationId);
        Directory.CreateDirectory(root, OwnerOnly);
        Directory.CreateDirectory(directory, OwnerOnly);
        DurableNames.Write(Path.Combine(directory, "pool.json"), StoreDocuments.Write(change.Before));
        DurableNames.Write(Path.Combine(directory, ReplacedName), StoreDocuments.Write(change.Replaced));
        await network.BackUpAsync(change.Replaced, directory, cancellationToken);
        foreach (
            var old in new DirectoryInfo(root).GetDirectories().OrderByDescending(d => d.LastWriteTimeUtc).Skip(Kept)
        )
            old.Delete(recursive: true);
    }

    /// <summary>The rules of others that an operation replaced; none where its backup is not kept any longer.</summary>
    public IReadOnlyList<ForeignRule> ReplacedBy(string operationId)
    {
        var path = Path.Combine(Of(operationId), ReplacedName);
        return File.Exists(path) ? StoreDocuments.ReadForeignRules(File.ReadAllBytes(path)) : [];
    }

    /// <summary>Puts back rules of others that an operation replaced; those that are there again are passed over.</summary>
    public Task RestoreAsync(
        string operationId,
        IReadOnlyList<ForeignRule> rules,
        CancellationToken cancellationToken
    ) => rules.Count == 0 ? Task.CompletedTask : network.RestoreAsync(rules, Of(operationId), cancellationToken);

    private string Of(string operationId) => Path.Combine(root, operationId);
}
