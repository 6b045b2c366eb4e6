using System.Numerics;
using System.Runtime.CompilerServices;

namespace MasterController.Core.Addressing;

/// <summary>
/// Finds the address of an owner: the one it holds, else the one it gave back last. Extendible hashing (Fagin 1979):
/// a directory over small segments, of which one with a full bucket is split in two, so that no caller ever waits for a
/// large table to be hashed anew. An entry is 8 bytes, hash and address; the key itself is in the lease's slot.
/// </summary>
internal sealed class OwnerIndex(LeaseTable table)
{
    /// <summary>Beyond this, a full bucket holds like hashes, and splitting would not part them.</summary>
    private const int MaxDepth = 20;

    private readonly List<(uint Hash, uint Address)> _overflow = [];
    private OwnerSegment[] _directory = [new OwnerSegment(depth: 0)];
    private int _shift = 32;

    /// <summary>0 where the owner is unknown; 0.0.0.0 is in no pool.</summary>
    public uint Find(string owner, uint hash)
    {
        ref readonly var bucket = ref SegmentOf(hash).BucketOf(hash);
        for (var matches = bucket.Matches(hash); matches != 0; matches &= matches - 1)
        {
            var address = bucket.AddressAt(BitOperations.TrailingZeroCount(matches));
            if (IsOf(address, owner))
                return address;
        }
        return _overflow.Count == 0 ? 0 : FindInOverflow(owner, hash);
    }

    /// <summary>Enters an address under the hash of its owner, of whom there must be no entry.</summary>
    public void Add(uint address, uint hash)
    {
        while (!SegmentOf(hash).BucketOf(hash).TryAdd(address, hash))
        {
            if (!TrySplit(SegmentOf(hash), hash))
            {
                _overflow.Add((hash, address));
                return;
            }
        }
    }

    /// <summary>Forgets an address if it is entered under this hash; whether it was.</summary>
    public bool Remove(uint address, uint hash) =>
        SegmentOf(hash).BucketOf(hash).Remove(address, hash)
        || (_overflow.Count > 0 && _overflow.Remove((hash, address)));

    private uint FindInOverflow(string owner, uint hash) =>
        _overflow.Find(e => e.Hash == hash && IsOf(e.Address, owner)).Address;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool IsOf(uint address, string owner) => table.Peek(address).Owner == owner;

    // The high bits choose; as 64 bits, for by 32 nothing would be shifted.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private OwnerSegment SegmentOf(uint hash) => _directory[(int)((ulong)hash >> _shift)];

    private bool TrySplit(OwnerSegment full, uint hash)
    {
        if (full.Depth == MaxDepth)
            return false;
        if (full.Depth == 32 - _shift)
        {
            var doubled = new OwnerSegment[_directory.Length * 2];
            for (var i = 0; i < doubled.Length; i++)
                doubled[i] = _directory[i / 2];
            _directory = doubled;
            _shift--;
        }
        var half = 1 << (32 - _shift - full.Depth - 1);
        var first = (int)((ulong)hash >> _shift) & ~((2 * half) - 1);
        var (zeros, ones) = full.Split();
        Array.Fill(_directory, zeros, first, half);
        Array.Fill(_directory, ones, first + half, half);
        return true;
    }
}
