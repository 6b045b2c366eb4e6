namespace MasterController.Core.Store;

/// <param name="MaxPages">Pages of 4 KiB that the file may grow to; null for as many as the disk has.</param>
internal sealed record SqliteStoreOptions(int? MaxPages = null)
{
    /// <summary>How long a commit waits for another process that has locked the file.</summary>
    public TimeSpan BusyTimeout { get; init; } = TimeSpan.FromSeconds(5);
}
