namespace MasterController.Core.Images;

/// <summary>What a build takes from the operator.</summary>
/// <param name="ExtraFiles">A folder whose contents are copied over the guest's root; null for none.</param>
/// <param name="PackageDirectory">Where packages may lie already, for hosts that download nothing; null for none.</param>
public sealed record ImageBuildOptions(string? ExtraFiles = null, string? PackageDirectory = null)
{
    /// <summary>Given to every call of apt; empty for the machine's own configuration.</summary>
    internal IReadOnlyList<string> AptOptions { get; init; } = [];

    /// <summary>Of the root disk and of the overlay, as a guest sees them; both are sparse.</summary>
    internal long DiskSizeBytes { get; init; } = 1L << 30;
}
