using System.Globalization;
using System.Text;

namespace MasterController.Core.Addressing;

/// <summary>What callers may name themselves by when they lease an address: a VM id, or any key of their own.</summary>
public static class OwnerKey
{
    /// <summary>In UTF-16 code units.</summary>
    public const int MaxLength = 256;

    /// <summary>What the owner keys begin with under which the controller itself leases, to prove a change.</summary>
    private const string ProofPrefix = "mc-prove/";

    /// <summary>The owner key under which an operation leases an address for a moment.</summary>
    public static string OfProof(string operationId) => ProofPrefix + operationId;

    public static bool IsProof(string owner) => owner.StartsWith(ProofPrefix, StringComparison.Ordinal);

    /// <summary>What is wrong with a key, or null.</summary>
    public static string? ReasonAgainst(string? key)
    {
        if (string.IsNullOrEmpty(key))
            return "an owner is needed: 1 to 256 printable characters";
        if (key.Length > MaxLength)
            return $"an owner has at most {MaxLength} characters; this one has {key.Length}";
        if (key[0] == ' ' || key[^1] == ' ')
            return "an owner neither begins nor ends with a space";
        if (IsProof(key))
            return $"owners that begin with {ProofPrefix} are the controller's own";
        for (var i = 0; i < key.Length; )
        {
            if (Rune.DecodeFromUtf16(key.AsSpan(i), out var rune, out var length) != default || !IsPrintable(rune))
                return $"an owner has printable characters only; the one at position {i} is U+{(int)key[i]:X4}";
            i += length;
        }
        return null;
    }

    private static bool IsPrintable(Rune rune) =>
        Rune.GetUnicodeCategory(rune)
            is not (
                UnicodeCategory.Control
                or UnicodeCategory.Format
                or UnicodeCategory.LineSeparator
                or UnicodeCategory.ParagraphSeparator
                or UnicodeCategory.PrivateUse
                or UnicodeCategory.OtherNotAssigned
            );
}
