namespace MasterController.Core.Addressing;

/// <summary>Arithmetic of stretches of addresses; first and last are inclusive.</summary>
internal static class Stretches
{
    /// <summary>
    /// What of some stretches is in none of the others, lowest first; both lists are in address order, and no stretch
    /// overlaps another of its list.
    /// </summary>
    public static IEnumerable<(uint First, uint Last)> Except(
        IReadOnlyList<(uint First, uint Last)> some,
        IReadOnlyList<(uint First, uint Last)> others
    )
    {
        var next = 0;
        foreach (var (first, last) in some)
        {
            ulong from = first;
            while (next < others.Count && others[next].Last < first)
                next++;
            for (var i = next; i < others.Count && others[i].First <= last; i++)
            {
                if (from < others[i].First)
                    yield return ((uint)from, others[i].First - 1);
                from = others[i].Last + 1UL;
            }
            if (from <= last)
                yield return ((uint)from, last);
        }
    }
}
