using System.Text.Json;
using System.Text.Json.Serialization;

namespace MasterController.Core.Images;

/// <summary>What "image.json" beside the files of an image says: where they came from and what they must be.</summary>
/// <param name="KernelRelease">"6.1.0-56-cloud-amd64".</param>
/// <param name="Files">By file name.</param>
/// <param name="Guest">What its guests understand, see <see cref="CurrentGuest"/>; null is 1.</param>
internal sealed record ImageManifest(
    string Name,
    string KernelRelease,
    IReadOnlyList<PackageVersion> Packages,
    IReadOnlyDictionary<string, FileChecksum> Files,
    DateTimeOffset CreatedAt,
    int? Guest = null
)
{
    /// <summary>To be raised when guests are told something that former ones pass over: 2 is mc.ipv6.</summary>
    internal const int CurrentGuest = 2;

    internal const string FileName = "image.json";
    internal const string KernelElf = "vmlinux";
    internal const string KernelBzImage = "vmlinuz";
    internal const string Initramfs = "initramfs.img";
    internal const string RootDisk = "root.img";
    internal const string OverlayTemplate = "overlay.img";

    /// <summary>A complete image has every one of them.</summary>
    internal static IReadOnlyList<string> FileNames { get; } =
    [KernelElf, KernelBzImage, Initramfs, RootDisk, OverlayTemplate];

    /// <summary>Whether its guests pass over some of what they are told.</summary>
    internal bool IsOutdated => (Guest ?? 1) < CurrentGuest;

    /// <summary>The manifest of the image in a folder; null where there is none that can be read.</summary>
    internal static ImageManifest? Read(string folder)
    {
        try
        {
            var json = File.ReadAllBytes(Path.Combine(folder, FileName));
            return JsonSerializer.Deserialize(json, ImagesJson.Default.ImageManifest);
        }
        catch (Exception failure) when (failure is IOException or JsonException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Every file is there with its size; the contents are not looked at.</summary>
    internal bool IsComplete(string folder) =>
        FileNames.All(name =>
            Files.TryGetValue(name, out var expected)
            && new FileInfo(Path.Combine(folder, name)) is { Exists: true } file
            && file.Length == expected.SizeBytes
        );
}

/// <param name="Sha256">Of the .deb, as the signed package lists have it.</param>
internal sealed record PackageVersion(string Name, string Version, string Sha256);

/// <param name="SizeBytes">The length, holes included.</param>
/// <param name="Sha256">64 lower-case hex digits.</param>
internal sealed record FileChecksum(long SizeBytes, string Sha256);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    WriteIndented = true,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true
)]
[JsonSerializable(typeof(ImageManifest))]
[JsonSerializable(typeof(Build.BuildLedgerContent))]
[JsonSerializable(typeof(Build.PackageSet))]
internal sealed partial class ImagesJson : JsonSerializerContext;
