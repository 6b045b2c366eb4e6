using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace MasterController.Core.Addressing;

/// <summary>
/// A small hash table: sixteen buckets in one object, found without reading anything else of it, so that a key nobody
/// has asked for lately costs as few reads of memory as can be.
/// </summary>
/// <param name="depth">How many high bits of the hash all entries share.</param>
internal sealed class OwnerSegment(int depth)
{
    private const int BucketCount = 16;

    private InlineArray16<OwnerBucket> _buckets;

    public int Depth => depth;

    /// <summary>The low bits choose; the high ones have chosen the segment.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ref OwnerBucket BucketOf(uint hash) => ref _buckets[(int)(hash % BucketCount)];

    /// <summary>Two new segments of one more bit, by which the entries are parted.</summary>
    public (OwnerSegment Zeros, OwnerSegment Ones) Split()
    {
        var (zeros, ones) = (new OwnerSegment(depth + 1), new OwnerSegment(depth + 1));
        var bit = 1U << (31 - depth);
        for (var i = 0; i < BucketCount; i++)
            _buckets[i].Part(bit, ref zeros._buckets[i], ref ones._buckets[i]);
        return (zeros, ones);
    }
}

/// <summary>
/// First sixteen hashes, 0 where there is no entry, then sixteen addresses; searched in a few instructions without a
/// branch for each entry.
/// </summary>
internal struct OwnerBucket
{
    private InlineArray16<uint> _hashes;
    private InlineArray16<uint> _addresses;

    /// <summary>A bit for each of the sixteen entries that has this hash; for 0 those that are free.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly uint Matches(uint hash)
    {
        // By 128 bits, which every x86-64 processor has: wider vectors would be taken apart again where the program is
        // compiled for all of them.
        ReadOnlySpan<uint> hashes = _hashes;
        var wanted = Vector128.Create(hash);
        return Vector128.Equals(Vector128.Create(hashes), wanted).ExtractMostSignificantBits()
            | (Vector128.Equals(Vector128.Create(hashes[4..]), wanted).ExtractMostSignificantBits() << 4)
            | (Vector128.Equals(Vector128.Create(hashes[8..]), wanted).ExtractMostSignificantBits() << 8)
            | (Vector128.Equals(Vector128.Create(hashes[12..]), wanted).ExtractMostSignificantBits() << 12);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly uint AddressAt(int entry) => _addresses[entry & 15];

    /// <summary>False where the bucket is full.</summary>
    public bool TryAdd(uint address, uint hash)
    {
        var free = Matches(0);
        if (free == 0)
            return false;
        var entry = BitOperations.TrailingZeroCount(free) & 15;
        _hashes[entry] = hash;
        _addresses[entry] = address;
        return true;
    }

    /// <summary>False where there is no such entry.</summary>
    public bool Remove(uint address, uint hash)
    {
        for (var matches = Matches(hash); matches != 0; matches &= matches - 1)
        {
            var entry = BitOperations.TrailingZeroCount(matches) & 15;
            if (_addresses[entry] != address)
                continue;
            _hashes[entry] = 0;
            return true;
        }
        return false;
    }

    /// <summary>Enters each in one of two others, which have room, by a bit of its hash.</summary>
    public readonly void Part(uint bit, ref OwnerBucket zeros, ref OwnerBucket ones)
    {
        for (var entry = 0; entry < 16; entry++)
        {
            var hash = _hashes[entry];
            if (hash == 0)
                continue;
            if ((hash & bit) == 0)
                zeros.TryAdd(_addresses[entry], hash);
            else
                ones.TryAdd(_addresses[entry], hash);
        }
    }
}
