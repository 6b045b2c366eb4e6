using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace MasterController.Core.Addressing;

/// <summary>
/// Hashes owner keys eight bytes at a time by NH, the universal hash of UMAC (RFC 4418, section 5.2), with secrets of
/// this process, so that no caller can choose keys that collide. Its products are of 32 bits by 32, which every processor
/// has in one instruction. Never stored.
/// </summary>
internal static class OwnerHash
{
    private const int Step = sizeof(ulong);

    /// <summary>One for each eight bytes of the longest key (<see cref="OwnerKey.MaxLength"/>); a power of two.</summary>
    private const int SecretCount = 64;

    private static readonly ulong[] _secrets = MemoryMarshal
        .Cast<byte, ulong>(RandomNumberGenerator.GetBytes(SecretCount * sizeof(ulong)))
        .ToArray();

    private static readonly ulong _multiplier =
        BinaryPrimitives.ReadUInt64LittleEndian(RandomNumberGenerator.GetBytes(sizeof(ulong))) | 1;

    /// <summary>Never 0.</summary>
    public static uint Of(string owner)
    {
        var bytes = MemoryMarshal.AsBytes(owner.AsSpan());
        var secrets = _secrets;
        var sum = (ulong)bytes.Length;
        if (bytes.Length < Step)
            return Finish(sum + Product(Short(owner), secrets[0]));
        var count = (bytes.Length - 1) / Step;
        for (var i = 0; i < count; i++)
            sum += Product(BinaryPrimitives.ReadUInt64LittleEndian(bytes[(i * Step)..]), secrets[i % SecretCount]);
        // The last eight, which may be in part in the step before.
        return Finish(
            sum + Product(BinaryPrimitives.ReadUInt64LittleEndian(bytes[^Step..]), secrets[count % SecretCount])
        );
    }

    /// <summary>Of at most three characters; each has a part of the 64 bits to itself.</summary>
    private static ulong Short(string owner)
    {
        var word = 0UL;
        foreach (var character in owner)
            word = (word << 16) | character;
        return word;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Product(ulong word, ulong secret) =>
        (ulong)unchecked((uint)word + (uint)secret) * unchecked((uint)(word >> 32) + (uint)(secret >> 32));

    // 0 is what a place without an entry has.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Finish(ulong sum) => Math.Max(1, (uint)(((sum ^ (sum >> 32)) * _multiplier) >> 32));
}
