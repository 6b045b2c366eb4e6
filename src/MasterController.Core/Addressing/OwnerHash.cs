using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace MasterController.Core.Addressing;

/// <summary>
/// Hashes owner keys sixteen bytes at a time by folded multiplication, with secrets of this process, so that no caller
/// can choose keys that collide. Never stored.
/// </summary>
internal static class OwnerHash
{
    private const int Step = 2 * sizeof(ulong);

    private static readonly ulong _seed = RandomBits();
    private static readonly ulong _secret = RandomBits();
    private static readonly ulong _lastSecret = RandomBits();

    /// <summary>Never 0.</summary>
    public static uint Of(string owner)
    {
        var bytes = MemoryMarshal.AsBytes(owner.AsSpan());
        var hash = _seed ^ (ulong)bytes.Length;
        if (bytes.Length < Step)
            return Short(owner, hash);
        // The last sixteen, which may be in part in the step before; by themselves, so that neither waits for the other.
        var last = Mix(bytes[^Step..], _lastSecret, hash);
        hash = Mix(bytes, _secret, hash);
        for (var i = Step; i < bytes.Length - Step; i += Step)
            hash = Mix(bytes[i..], _secret, hash);
        return Finish(Fold(hash ^ _secret, last));
    }

    private static uint Short(string owner, ulong hash)
    {
        // Of at most seven characters; each has a part of the 128 bits to itself.
        var (low, high) = (0UL, 0UL);
        for (var i = 0; i < owner.Length; i++)
        {
            if (i < 4)
                low |= (ulong)owner[i] << (16 * i);
            else
                high |= (ulong)owner[i] << (16 * (i - 4));
        }
        hash = Fold(low ^ _secret, high ^ hash);
        return Finish(hash);
    }

    // 0 is what a place without an entry has.
    private static uint Finish(ulong hash) => Math.Max(1, (uint)(hash ^ (hash >> 32)));

    private static ulong Mix(ReadOnlySpan<byte> bytes, ulong secret, ulong hash) =>
        Fold(
            BinaryPrimitives.ReadUInt64LittleEndian(bytes) ^ secret,
            BinaryPrimitives.ReadUInt64LittleEndian(bytes[sizeof(ulong)..]) ^ hash
        );

    private static ulong Fold(ulong left, ulong right)
    {
        var high = Math.BigMul(left, right, out var low);
        return high ^ low;
    }

    private static ulong RandomBits() => BinaryPrimitives.ReadUInt64LittleEndian(RandomNumberGenerator.GetBytes(8));
}
