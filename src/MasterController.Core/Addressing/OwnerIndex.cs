namespace MasterController.Core.Addressing;

/// <summary>
/// Finds the address of an owner: the one it holds, else the one it gave back last. Extendible hashing (Fagin 1979):
/// a directory over small open-addressed segments, of which a full one is split in two, so that no caller ever waits
/// for a large table to be hashed anew. An entry is 8 bytes, hash and address; the key itself is in the lease's slot.
/// </summary>
internal sealed class OwnerIndex(LeaseTable table)
{
    private const int SmallestSegment = 64;
    private const int LargestSegment = 4096;

    /// <summary>Beyond this a segment grows instead: its keys have like hashes, and splitting would not part them.</summary>
    private const int MaxDepth = 20;

    private Segment[] _directory = [new Segment(SmallestSegment, depth: 0)];
    private int _depth;

    /// <summary>0 where the owner is unknown; 0.0.0.0 is in no pool.</summary>
    public uint Find(string owner, uint hash)
    {
        var entries = _directory[IndexOf(hash)].Entries;
        var mask = entries.Length - 1;
        for (var i = (int)hash & mask; entries[i] != 0; i = (i + 1) & mask)
        {
            var entry = entries[i];
            if ((uint)(entry >> 32) == hash && table.Peek((uint)entry).Owner == owner)
                return (uint)entry;
        }
        return 0;
    }

    /// <summary>Enters an address under the hash of its owner, of whom there must be no entry.</summary>
    public void Add(uint address, uint hash)
    {
        var segment = _directory[IndexOf(hash)];
        while (segment.IsFull)
        {
            if (segment.Entries.Length < LargestSegment || segment.Depth == MaxDepth)
                segment.Double();
            else
                Split(segment, hash);
            segment = _directory[IndexOf(hash)];
        }
        segment.Add(((ulong)hash << 32) | address);
    }

    /// <summary>Forgets an address if it is entered under this hash.</summary>
    public void Remove(uint address, uint hash) => _directory[IndexOf(hash)].Remove(((ulong)hash << 32) | address);

    // The high bits choose the segment, the low ones the place in it. (Shifting by 32 would shift by none.)
    private int IndexOf(uint hash) => (int)((ulong)hash >> (32 - _depth));

    private void Split(Segment full, uint hash)
    {
        if (full.Depth == _depth)
        {
            var doubled = new Segment[_directory.Length * 2];
            for (var i = 0; i < doubled.Length; i++)
                doubled[i] = _directory[i / 2];
            _directory = doubled;
            _depth++;
        }
        var upper = full.SplitOff();
        var width = 1 << (_depth - full.Depth);
        // The lower half stays with the old segment, the upper one goes to the new.
        var start = IndexOf(hash) & ~((2 * width) - 1);
        Array.Fill(_directory, upper, start + width, width);
    }

    private sealed class Segment(int size, int depth)
    {
        private int _count;

        /// <summary>Hash in the high half, address in the low one; 0 is empty. Its length is a power of two.</summary>
        public ulong[] Entries { get; private set; } = new ulong[size];

        /// <summary>How many high bits of the hash all entries share.</summary>
        public int Depth { get; private set; } = depth;

        public bool IsFull => _count >= Entries.Length / 4 * 3;

        public void Add(ulong entry)
        {
            var entries = Entries;
            var mask = entries.Length - 1;
            var i = (int)(entry >> 32) & mask;
            while (entries[i] != 0)
                i = (i + 1) & mask;
            entries[i] = entry;
            _count++;
        }

        public void Remove(ulong entry)
        {
            var entries = Entries;
            var mask = entries.Length - 1;
            var gap = (int)(entry >> 32) & mask;
            while (entries[gap] != entry)
            {
                if (entries[gap] == 0)
                    return;
                gap = (gap + 1) & mask;
            }
            // Entries behind the gap move up unless that would put them before their own place.
            for (var i = (gap + 1) & mask; entries[i] != 0; i = (i + 1) & mask)
            {
                var home = (int)(entries[i] >> 32) & mask;
                if (((i - home) & mask) < ((i - gap) & mask))
                    continue;
                entries[gap] = entries[i];
                gap = i;
            }
            entries[gap] = 0;
            _count--;
        }

        public void Double() => Refill(Entries.Length * 2, Entries);

        /// <summary>Keeps the entries whose next bit is 0 and returns a segment of the others.</summary>
        public Segment SplitOff()
        {
            var bit = 1UL << (63 - Depth);
            Depth++;
            var upper = new Segment(Entries.Length, Depth);
            upper.Refill(Entries.Length, Entries.Where(e => (e & bit) != 0));
            Refill(Entries.Length, Entries.Where(e => (e & bit) == 0));
            return upper;
        }

        private void Refill(int newSize, IEnumerable<ulong> entries)
        {
            // Read from the old array while the new one is filled.
            var kept = entries.Where(e => e != 0).ToArray();
            Entries = new ulong[newSize];
            _count = 0;
            foreach (var entry in kept)
                Add(entry);
        }
    }
}
