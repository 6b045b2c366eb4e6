using System.Security.Cryptography;

namespace MasterController.Core.Vms;

/// <summary>
/// "vm-" and twelve hex digits (48 random bits). Never reused, so that a late reply can't reach another VM. It is also
/// the owner key of the VM's lease, which is why callers' own keys may not have this form.
/// </summary>
public static class VmId
{
    private const string Prefix = "vm-";
    private const int Digits = 12;

    public static string New() => Prefix + RandomNumberGenerator.GetHexString(Digits, lowercase: true);

    public static bool HasForm(string text) =>
        text.Length == Prefix.Length + Digits
        && text.StartsWith(Prefix, StringComparison.Ordinal)
        && text.AsSpan(Prefix.Length).IndexOfAnyExcept("0123456789abcdef") < 0;
}
