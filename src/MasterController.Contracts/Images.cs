namespace MasterController.Contracts;

/// <summary>Body of <c>POST /api/v1/images</c>: builds an image; 202 with the operation.</summary>
/// <param name="Name">"golden" when left out.</param>
public sealed record BuildImageRequest(string? Name = null);

/// <param name="Outdated">
/// Built by a former version: its guests pass over some of what they are told, IPv6 among it, until it is built anew.
/// </param>
public sealed record Image(
    string Name,
    string Kernel,
    long SizeBytes,
    string Sha256,
    DateTimeOffset CreatedAt,
    bool Outdated = false
);

public sealed record ImageList(IReadOnlyList<Image> Items);
