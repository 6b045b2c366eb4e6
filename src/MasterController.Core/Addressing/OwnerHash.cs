using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace MasterController.Core.Addressing;

/// <summary>
/// Hashes owner keys eight bytes at a time by folded multiplication, with a secret of this process, so that no caller
/// can choose keys that collide. Never stored.
/// </summary>
internal static class OwnerHash
{
    private static readonly ulong _seed = RandomBits();
    private static readonly ulong _factor = RandomBits() | 1;

    public static uint Of(string owner)
    {
        var bytes = MemoryMarshal.AsBytes(owner.AsSpan());
        var hash = _seed ^ (ulong)bytes.Length;
        if (bytes.Length < sizeof(ulong))
        {
            foreach (var character in owner)
                hash = (hash << 16) ^ (hash >> 48) ^ character;
            return Finish(Fold(hash));
        }
        for (var rest = bytes; rest.Length >= sizeof(ulong); rest = rest[sizeof(ulong)..])
            hash = Fold(hash ^ BinaryPrimitives.ReadUInt64LittleEndian(rest));
        // The last eight once more, with what the steps of eight left over.
        return Finish(Fold(hash ^ BinaryPrimitives.ReadUInt64LittleEndian(bytes[^sizeof(ulong)..])));
    }

    private static ulong Fold(ulong value)
    {
        var high = Math.BigMul(value, _factor, out var low);
        return high ^ low;
    }

    private static uint Finish(ulong hash)
    {
        hash = Fold(hash ^ _seed);
        return (uint)(hash ^ (hash >> 32));
    }

    private static ulong RandomBits() => BinaryPrimitives.ReadUInt64LittleEndian(RandomNumberGenerator.GetBytes(8));
}
