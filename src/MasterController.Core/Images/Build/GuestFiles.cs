using System.Security.Cryptography;
using System.Text;

namespace MasterController.Core.Images.Build;

/// <summary>The guest's own scripts and configuration, which are embedded in this assembly.</summary>
internal static class GuestFiles
{
    private const string ResourcePrefix = "guest/";

    /// <summary>Changes with any of the files.</summary>
    internal static string Fingerprint { get; } = ComputeFingerprint();

    internal static byte[] Read(string name)
    {
        using var resource =
            typeof(GuestFiles).Assembly.GetManifestResourceStream(ResourcePrefix + name)
            ?? throw new InvalidOperationException($"no embedded file {name}");
        var bytes = new byte[resource.Length];
        resource.ReadExactly(bytes);
        return bytes;
    }

    private static string ComputeFingerprint()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var names = typeof(GuestFiles)
            .Assembly.GetManifestResourceNames()
            .Where(name => name.StartsWith(ResourcePrefix, StringComparison.Ordinal));
        foreach (var name in names.Order(StringComparer.Ordinal))
        {
            hash.AppendData(Encoding.UTF8.GetBytes(name));
            hash.AppendData(SHA256.HashData(Read(name[ResourcePrefix.Length..])));
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
