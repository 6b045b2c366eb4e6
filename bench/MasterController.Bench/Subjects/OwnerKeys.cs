using System.Globalization;

namespace MasterController.Bench.Subjects;

/// <summary>Keys of the form that VMs have as owners, all different, from a seed: each run measures the same ones.</summary>
internal sealed class OwnerKeys(ulong seed)
{
    /// <summary>A VM id's digits hold so many bits.</summary>
    private const int Bits = 48;
    private const ulong Mask = (1UL << Bits) - 1;

    private ulong _next = seed & Mask;

    public string[] Take(int count)
    {
        var keys = new string[count];
        for (var i = 0; i < count; i++)
            keys[i] = Next();
        return keys;
    }

    public string Next()
    {
        // Weyl's sequence never repeats within 2^48, nor does what a bijection makes of it (odd factors, shifted xor).
        _next = (_next + 0x9E37_79B9_7F4B) & Mask;
        var mixed = _next;
        mixed = ((mixed ^ (mixed >> 25)) * 0xBF58_476D_1CE5) & Mask;
        mixed = ((mixed ^ (mixed >> 23)) * 0x94D0_49BB_1331) & Mask;
        mixed ^= mixed >> 27;
        return string.Create(CultureInfo.InvariantCulture, $"vm-{mixed:x12}");
    }
}
