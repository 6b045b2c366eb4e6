using System.Security.Cryptography;

namespace MasterController.Core.Images.Build;

/// <summary>SHA-256 as 64 lower-case hex digits, as <c>sha256sum</c> and Debian's package lists write it.</summary>
internal static class Sha256
{
    internal static string Of(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    internal static string OfFile(string path)
    {
        using var file = File.OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(file));
    }

    internal static async Task<string> OfFileAsync(string path, CancellationToken cancellationToken)
    {
        var options = new FileStreamOptions { BufferSize = 0, Options = FileOptions.SequentialScan };
        await using var file = new FileStream(path, options);
        return Convert.ToHexStringLower(await SHA256.HashDataAsync(file, cancellationToken));
    }
}
