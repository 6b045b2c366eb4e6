using System.Numerics;
using System.Runtime.Intrinsics;

namespace MasterController.Core.Addressing;

/// <summary>
/// A small hash table in one array: buckets of sixteen entries, each first sixteen hashes, 0 where there is none, then
/// sixteen addresses. A bucket is searched in a few instructions without a branch for each entry, which is what makes
/// a table that is in no cache bearable. The last element is the depth.
/// </summary>
internal static class OwnerSegment
{
    private const int BucketEntries = 16;
    private const int BucketSize = 2 * BucketEntries;

    public static uint[] Create(int buckets, int depth)
    {
        var segment = new uint[(buckets * BucketSize) + 1];
        segment[^1] = (uint)depth;
        return segment;
    }

    /// <summary>A power of two.</summary>
    public static int BucketsOf(uint[] segment) => segment.Length / BucketSize;

    /// <summary>How many high bits of the hash all entries share.</summary>
    public static int DepthOf(uint[] segment) => (int)segment[^1];

    /// <summary>The place in the segment where the bucket of a hash begins.</summary>
    public static int BucketOf(uint[] segment, uint hash) => ((int)hash & (BucketsOf(segment) - 1)) * BucketSize;

    /// <summary>A bit for each of the sixteen entries that has this hash; for 0 those that are free.</summary>
    public static uint Matches(uint[] segment, int bucket, uint hash)
    {
        var hashes = segment.AsSpan(bucket, BucketEntries);
        var wanted = Vector256.Create(hash);
        return Vector256.Equals(Vector256.Create<uint>(hashes), wanted).ExtractMostSignificantBits()
            | (
                Vector256.Equals(Vector256.Create<uint>(hashes[8..]), wanted).ExtractMostSignificantBits()
                << Vector256<uint>.Count
            );
    }

    public static uint AddressAt(uint[] segment, int bucket, int entry) => segment[bucket + BucketEntries + entry];

    /// <summary>False where the bucket is full.</summary>
    public static bool TryAdd(uint[] segment, uint address, uint hash)
    {
        var bucket = BucketOf(segment, hash);
        var free = Matches(segment, bucket, hash: 0);
        if (free == 0)
            return false;
        var entry = BitOperations.TrailingZeroCount(free);
        segment[bucket + entry] = hash;
        segment[bucket + BucketEntries + entry] = address;
        return true;
    }

    /// <summary>False where there is no such entry.</summary>
    public static bool Remove(uint[] segment, uint address, uint hash)
    {
        var bucket = BucketOf(segment, hash);
        for (var matches = Matches(segment, bucket, hash); matches != 0; matches &= matches - 1)
        {
            var entry = BitOperations.TrailingZeroCount(matches);
            if (AddressAt(segment, bucket, entry) != address)
                continue;
            segment[bucket + entry] = 0;
            return true;
        }
        return false;
    }

    /// <summary>A new segment of those entries whose hash is chosen; it has room for any half of this one.</summary>
    public static uint[] Copy(uint[] segment, int buckets, int depth, Func<uint, bool> chosen)
    {
        var copy = Create(buckets, depth);
        for (var bucket = 0; bucket < segment.Length - 1; bucket += BucketSize)
        for (var entry = 0; entry < BucketEntries; entry++)
        {
            var hash = segment[bucket + entry];
            if (hash != 0 && chosen(hash))
                TryAdd(copy, AddressAt(segment, bucket, entry), hash);
        }
        return copy;
    }
}
