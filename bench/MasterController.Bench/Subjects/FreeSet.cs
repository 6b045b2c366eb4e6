namespace MasterController.Bench.Subjects;

/// <summary>
/// Allocation as an older controller had it: a plain set in memory of all addresses that are free, of which the first is
/// taken. Addresses are numbers here; texts, as a script has them, take several times as much.
/// </summary>
internal sealed class FreeSet
{
    private readonly ISet<uint> _free;

    /// <param name="isSorted">Whether the lowest address is taken, or any.</param>
    /// <param name="first">Of the addresses, which are filled in one by one.</param>
    public FreeSet(bool isSorted, uint first, int count)
    {
        _free = isSorted ? new SortedSet<uint>() : new HashSet<uint>();
        for (var i = 0U; i < count; i++)
            _free.Add(first + i);
    }

    public uint Take()
    {
        var address = _free is SortedSet<uint> sorted ? sorted.Min : First((HashSet<uint>)_free);
        _free.Remove(address);
        return address;
    }

    private static uint First(HashSet<uint> free)
    {
        foreach (var address in free)
            return address;
        throw new InvalidOperationException("none is free");
    }
}
