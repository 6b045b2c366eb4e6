namespace MasterController.Core.Images;

/// <summary>The images on this host: a folder each under "images" in the state directory.</summary>
public sealed class ImageCatalog(string directory)
{
    private readonly string _directory = directory;

    /// <summary>Complete, verified images only.</summary>
    public IReadOnlyList<ImageInfo> List() => throw new NotImplementedException();

    /// <summary>Null where the image is missing or not complete.</summary>
    public ImageFiles? Find(string name) => throw new NotImplementedException();
}

/// <param name="SizeBytes">What its files take on the disk, holes not counted.</param>
/// <param name="Kernel">The kernel release ("6.1.0-56-cloud-amd64").</param>
/// <param name="Sha256">Of the manifest, which holds the checksums of the files.</param>
public sealed record ImageInfo(string Name, string Kernel, long SizeBytes, string Sha256, DateTimeOffset CreatedAt);
