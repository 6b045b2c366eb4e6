namespace MasterController.Core.Addressing;

/// <summary>
/// Finds the address of an owner: the one it holds, else the one it gave back last. Chains run through the slots of the
/// table, so that an entry costs no memory but its share of the buckets. Grows by one bucket at a time (linear hashing,
/// Litwin 1980): no caller ever waits for a whole table to be hashed anew.
/// </summary>
internal sealed class OwnerIndex(LeaseTable table)
{
    private const int SegmentBits = 10;
    private const uint SegmentSize = 1 << SegmentBits;

    private uint[]?[] _segments = [new uint[SegmentSize]];
    private uint _buckets = SegmentSize;

    /// <summary>The greatest power of two that is not over the number of buckets.</summary>
    private uint _round = SegmentSize;
    private uint _entries;

    /// <summary>0 where the owner is unknown; 0.0.0.0 is in no pool.</summary>
    public uint Find(string owner, int hash)
    {
        var address = Bucket((uint)hash);
        while (address != 0)
        {
            ref readonly var slot = ref table.Peek(address);
            if (slot.OwnerHash == hash && slot.Owner == owner)
                return address;
            address = slot.NextInBucket;
        }
        return 0;
    }

    /// <summary>Enters the address under the owner that its slot names, of whom there must be no entry.</summary>
    public void Add(uint address)
    {
        ref var slot = ref table.Slot(address);
        ref var bucket = ref Bucket((uint)slot.OwnerHash);
        slot.NextInBucket = bucket;
        bucket = address;
        _entries++;
        while (_entries > _buckets / 2)
            SplitOne();
    }

    /// <summary>Forgets the address, if it is entered, under the owner that its slot names.</summary>
    public void Remove(uint address)
    {
        ref var link = ref Bucket((uint)table.Peek(address).OwnerHash);
        while (link != address)
        {
            if (link == 0)
                return;
            link = ref table.Slot(link).NextInBucket;
        }
        link = table.Peek(address).NextInBucket;
        _entries--;
    }

    private ref uint Bucket(uint hash)
    {
        var index = hash & ((_round * 2) - 1);
        return ref At(index < _buckets ? index : hash & (_round - 1));
    }

    private ref uint At(uint index) => ref _segments[index >> SegmentBits]![index & (SegmentSize - 1)];

    private void SplitOne()
    {
        var added = _buckets;
        var segment = (int)(added >> SegmentBits);
        if (segment == _segments.Length)
            Array.Resize(ref _segments, _segments.Length * 2);
        _segments[segment] ??= new uint[SegmentSize];

        var rest = At(added - _round);
        uint stay = 0;
        uint move = 0;
        while (rest != 0)
        {
            ref var slot = ref table.Slot(rest);
            ref var chain = ref ((uint)slot.OwnerHash & _round) == 0 ? ref stay : ref move;
            var next = slot.NextInBucket;
            slot.NextInBucket = chain;
            chain = rest;
            rest = next;
        }
        At(added - _round) = stay;
        At(added) = move;
        _buckets++;
        if (_buckets == _round * 2)
            _round = _buckets;
    }
}
