using System.Numerics;

namespace MasterController.Core.Addressing;

/// <summary>
/// Finds the address of an owner: the one it holds, else the one it gave back last. Extendible hashing (Fagin 1979):
/// a directory over small segments, of which one with a full bucket is split in two, so that no caller ever waits for a
/// large table to be hashed anew. An entry is 8 bytes, hash and address; the key itself is in the lease's slot.
/// </summary>
internal sealed class OwnerIndex(LeaseTable table)
{
    /// <summary>Half a page of memory, so that looking up a key nobody has asked for lately misses little.</summary>
    private const int MaxBuckets = 16;

    /// <summary>Beyond this, a full bucket holds like hashes, and splitting would not part them.</summary>
    private const int MaxDepth = 20;

    private readonly List<(uint Hash, uint Address)> _overflow = [];
    private uint[][] _directory = [OwnerSegment.Create(buckets: 1, depth: 0)];
    private int _depth;

    /// <summary>0 where the owner is unknown; 0.0.0.0 is in no pool.</summary>
    public uint Find(string owner, uint hash)
    {
        var segment = _directory[IndexOf(hash)];
        var bucket = OwnerSegment.BucketOf(segment, hash);
        for (var matches = OwnerSegment.Matches(segment, bucket, hash); matches != 0; matches &= matches - 1)
        {
            var address = OwnerSegment.AddressAt(segment, bucket, BitOperations.TrailingZeroCount(matches));
            if (table.Peek(address).Owner == owner)
                return address;
        }
        return _overflow.Count == 0 ? 0 : _overflow.Find(e => e.Hash == hash && IsOf(e.Address, owner)).Address;
    }

    /// <summary>Enters an address under the hash of its owner, of whom there must be no entry.</summary>
    public void Add(uint address, uint hash)
    {
        while (!OwnerSegment.TryAdd(_directory[IndexOf(hash)], address, hash))
        {
            if (!TryExpand(_directory[IndexOf(hash)], hash))
            {
                _overflow.Add((hash, address));
                return;
            }
        }
    }

    /// <summary>Forgets an address if it is entered under this hash.</summary>
    public void Remove(uint address, uint hash)
    {
        if (!OwnerSegment.Remove(_directory[IndexOf(hash)], address, hash) && _overflow.Count > 0)
            _overflow.Remove((hash, address));
    }

    private bool IsOf(uint address, string owner) => table.Peek(address).Owner == owner;

    // The high bits choose the segment, the low ones the bucket in it.
    private int IndexOf(uint hash) => (int)((ulong)hash >> (32 - _depth));

    private bool TryExpand(uint[] full, uint hash)
    {
        var buckets = OwnerSegment.BucketsOf(full);
        var depth = OwnerSegment.DepthOf(full);
        if (buckets < MaxBuckets)
        {
            var width = 1 << (_depth - depth);
            var start = IndexOf(hash) & ~(width - 1);
            // Twice the buckets have room for whatever half as many had.
            Array.Fill(_directory, OwnerSegment.Copy(full, buckets * 2, depth, _ => true), start, width);
            return true;
        }
        if (depth == MaxDepth)
            return false;
        if (depth == _depth)
        {
            var doubled = new uint[_directory.Length * 2][];
            for (var i = 0; i < doubled.Length; i++)
                doubled[i] = _directory[i / 2];
            _directory = doubled;
            _depth++;
        }
        var half = 1 << (_depth - depth - 1);
        var first = IndexOf(hash) & ~((2 * half) - 1);
        var bit = 1U << (31 - depth);
        Array.Fill(_directory, OwnerSegment.Copy(full, buckets, depth + 1, h => (h & bit) == 0), first, half);
        Array.Fill(_directory, OwnerSegment.Copy(full, buckets, depth + 1, h => (h & bit) != 0), first + half, half);
        return true;
    }
}
