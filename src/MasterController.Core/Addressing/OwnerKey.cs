using System.Globalization;
using System.Text;

namespace MasterController.Core.Addressing;

/// <summary>What callers may name themselves by when they lease an address: a VM id, or any key of their own.</summary>
public static class OwnerKey
{
    /// <summary>In UTF-16 code units.</summary>
    public const int MaxLength = 256;

    /// <summary>What is wrong with a key, or null.</summary>
    public static string? ReasonAgainst(string? key)
    {
        if (string.IsNullOrEmpty(key))
            return "an owner is needed: 1 to 256 printable characters";
        if (key.Length > MaxLength)
            return $"an owner has at most {MaxLength} characters; this one has {key.Length}";
        if (key[0] == ' ' || key[^1] == ' ')
            return "an owner neither begins nor ends with a space";
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
