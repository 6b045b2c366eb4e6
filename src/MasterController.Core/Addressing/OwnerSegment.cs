namespace MasterController.Core.Addressing;

/// <summary>
/// A small hash table with linear probing, in one array and so in one place of memory: element 0 holds the number of
/// entries (low half) and the depth (high half), the others an entry each, hash high and address low, or 0.
/// </summary>
internal static class OwnerSegment
{
    public static ulong[] Create(int size, int depth)
    {
        var segment = new ulong[size + 1];
        segment[0] = (ulong)depth << 32;
        return segment;
    }

    /// <summary>A power of two.</summary>
    public static int SizeOf(ulong[] segment) => segment.Length - 1;

    /// <summary>How many high bits of the hash all entries share.</summary>
    public static int DepthOf(ulong[] segment) => (int)(segment[0] >> 32);

    public static bool IsFull(ulong[] segment) => (int)segment[0] >= SizeOf(segment) / 4 * 3;

    public static int HomeOf(ulong[] segment, uint hash) => 1 + ((int)hash & (segment.Length - 2));

    public static int After(ulong[] segment, int place) => 1 + (place & (segment.Length - 2));

    public static void Add(ulong[] segment, ulong entry)
    {
        var place = HomeOf(segment, (uint)(entry >> 32));
        while (segment[place] != 0)
            place = After(segment, place);
        segment[place] = entry;
        segment[0]++;
    }

    public static void Remove(ulong[] segment, ulong entry)
    {
        var mask = segment.Length - 2;
        var gap = HomeOf(segment, (uint)(entry >> 32));
        while (segment[gap] != entry)
        {
            if (segment[gap] == 0)
                return;
            gap = After(segment, gap);
        }
        // Entries behind the gap move up unless that would put them before their own place.
        for (var place = After(segment, gap); segment[place] != 0; place = After(segment, place))
        {
            var home = HomeOf(segment, (uint)(segment[place] >> 32));
            if (((place - home) & mask) < ((place - gap) & mask))
                continue;
            segment[gap] = segment[place];
            gap = place;
        }
        segment[gap] = 0;
        segment[0]--;
    }

    /// <summary>A new segment of those entries that are chosen.</summary>
    public static ulong[] Copy(ulong[] segment, int size, int depth, Func<ulong, bool> chosen)
    {
        var copy = Create(size, depth);
        foreach (var entry in segment.AsSpan(1))
        {
            if (entry != 0 && chosen(entry))
                Add(copy, entry);
        }
        return copy;
    }
}
