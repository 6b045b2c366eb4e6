namespace MasterController.Core.Addressing;

/// <summary>
/// Finds the address of an owner: the one it holds, else the one it gave back last. Extendible hashing (Fagin 1979):
/// a directory over small open-addressed segments, of which a full one is split in two, so that no caller ever waits
/// for a large table to be hashed anew. An entry is 8 bytes, hash and address; the key itself is in the lease's slot.
/// </summary>
internal sealed class OwnerIndex(LeaseTable table)
{
    private const int SmallestSegment = 32;

    /// <summary>Half a page of memory, so that looking up a key nobody has asked for lately misses but one.</summary>
    private const int LargestSegment = 256;

    /// <summary>Beyond this a segment grows instead: its keys have like hashes, and splitting would not part them.</summary>
    private const int MaxDepth = 20;

    private ulong[][] _directory = [OwnerSegment.Create(SmallestSegment, depth: 0)];
    private int _depth;

    /// <summary>0 where the owner is unknown; 0.0.0.0 is in no pool.</summary>
    public uint Find(string owner, uint hash)
    {
        var segment = _directory[IndexOf(hash)];
        for (var place = OwnerSegment.HomeOf(segment, hash); ; place = OwnerSegment.After(segment, place))
        {
            var entry = segment[place];
            if (entry == 0)
                return 0;
            if ((uint)(entry >> 32) == hash && table.Peek((uint)entry).Owner == owner)
                return (uint)entry;
        }
    }

    /// <summary>Enters an address under the hash of its owner, of whom there must be no entry.</summary>
    public void Add(uint address, uint hash)
    {
        var segment = _directory[IndexOf(hash)];
        while (OwnerSegment.IsFull(segment))
        {
            Expand(segment, hash);
            segment = _directory[IndexOf(hash)];
        }
        OwnerSegment.Add(segment, ((ulong)hash << 32) | address);
    }

    /// <summary>Forgets an address if it is entered under this hash.</summary>
    public void Remove(uint address, uint hash) =>
        OwnerSegment.Remove(_directory[IndexOf(hash)], ((ulong)hash << 32) | address);

    // The high bits choose the segment, the low ones the place in it.
    private int IndexOf(uint hash) => (int)((ulong)hash >> (32 - _depth));

    private void Expand(ulong[] full, uint hash)
    {
        var size = OwnerSegment.SizeOf(full);
        var depth = OwnerSegment.DepthOf(full);
        var split = size == LargestSegment && depth < MaxDepth;
        if (split && depth == _depth)
        {
            _directory = [.. _directory.SelectMany(s => new[] { s, s })];
            _depth++;
        }
        var width = 1 << (_depth - depth);
        var start = IndexOf(hash) & ~(width - 1);
        if (!split)
        {
            Array.Fill(_directory, OwnerSegment.Copy(full, size * 2, depth, _ => true), start, width);
            return;
        }
        var bit = 1UL << (63 - depth);
        var half = width / 2;
        Array.Fill(_directory, OwnerSegment.Copy(full, size, depth + 1, e => (e & bit) == 0), start, half);
        Array.Fill(_directory, OwnerSegment.Copy(full, size, depth + 1, e => (e & bit) != 0), start + half, half);
    }
}
