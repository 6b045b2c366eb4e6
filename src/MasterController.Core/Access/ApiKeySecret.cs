using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace MasterController.Core.Access;

/// <summary>
/// What a caller shows: "mc_" and 256 random bits in base64url. As nobody can try through so many, one SHA-256 is hash
/// enough; a slow one would only make each request slow.
/// </summary>
public static class ApiKeySecret
{
    public const string Prefix = "mc_";

    private const int RandomBytes = 32;
    private const int Length = 3 + 43;

    public static string New() => Prefix + Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(RandomBytes));

    public static bool HasForm(string text) =>
        text.Length == Length
        && text.StartsWith(Prefix, StringComparison.Ordinal)
        && text.AsSpan(Prefix.Length).IndexOfAnyExcept(_characters) < 0;

    public static byte[] HashOf(string secret) => SHA256.HashData(Encoding.UTF8.GetBytes(secret));

    private static readonly System.Buffers.SearchValues<char> _characters = System.Buffers.SearchValues.Create(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    );
}
