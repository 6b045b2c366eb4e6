using System.Security.Cryptography;
using System.Text;

namespace MasterController.Core.WebHooks;

/// <summary>Signs as the Standard Webhooks specification has it, so that receivers can use its libraries.</summary>
internal static class WebHookSecret
{
    public const int LeastCharacters = 16;
    public const int MostCharacters = 256;

    private const string Prefix = "whsec_";
    private const int Bytes = 32;

    public static string New() => Prefix + Convert.ToBase64String(RandomNumberGenerator.GetBytes(Bytes));

    /// <summary>What is wrong with a caller's own secret, without showing it; null where nothing is.</summary>
    public static string? ReasonAgainst(string secret)
    {
        if (
            secret.Length is < LeastCharacters or > MostCharacters
            || secret.AsSpan().ContainsAnyExceptInRange('!', '~')
        )
            return $"has to be {LeastCharacters} to {MostCharacters} printable ASCII characters without a space";
        if (!secret.StartsWith(Prefix, StringComparison.Ordinal))
            return null;
        var key = new byte[secret.Length];
        return Convert.TryFromBase64String(secret[Prefix.Length..], key, out var length) && length > 0
            ? null
            : $"begins with \"{Prefix}\", and what follows is not base64";
    }

    /// <summary>"v1," and base64 of the HMAC-SHA256 of "id.timestamp.body".</summary>
    public static string Sign(string secret, string id, string timestamp, ReadOnlySpan<byte> body)
    {
        var key = secret.StartsWith(Prefix, StringComparison.Ordinal)
            ? Convert.FromBase64String(secret[Prefix.Length..])
            : Encoding.UTF8.GetBytes(secret);
        using var hmac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, key);
        hmac.AppendData(Encoding.UTF8.GetBytes($"{id}.{timestamp}."));
        hmac.AppendData(body);
        return $"v1,{Convert.ToBase64String(hmac.GetHashAndReset())}";
    }
}
