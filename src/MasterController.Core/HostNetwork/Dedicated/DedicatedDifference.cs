using MasterController.Linux.Nftables;

namespace MasterController.Core.HostNetwork.Dedicated;

/// <summary>
/// What guests had and what they are to have, together: what one loses to another is not removed after it was given.
/// </summary>
internal sealed class DedicatedDifference
{
    private readonly Dictionary<DedicatedKey, DedicatedTarget> _before = [];
    private readonly Dictionary<DedicatedKey, DedicatedTarget> _after = [];
    private readonly List<SourceNetworks> _usedBefore = [];
    private readonly List<SourceNetworks> _usedAfter = [];

    /// <summary>Elements of one map with these keys, as the kernel has them.</summary>
    internal delegate IReadOnlyDictionary<NftData, NftElement> Finder(string map, IReadOnlyList<NftData> keys);

    internal DedicatedDifference(IEnumerable<(Attachment Before, Attachment After)> changed)
    {
        foreach (var change in changed)
        {
            Add(_before, _usedBefore, DedicatedElements.Of(change.Before));
            Add(_after, _usedAfter, DedicatedElements.Of(change.After));
        }
    }

    /// <summary>Who may come in, each as often as guests name it.</summary>
    internal IReadOnlyList<SourceNetworks> UsedBefore => _usedBefore;

    /// <inheritdoc cref="UsedBefore"/>
    internal IReadOnlyList<SourceNetworks> UsedAfter => _usedAfter;

    /// <summary>
    /// The kernel is asked and not memory: a removal of what is not there would make the whole transaction void, and so would
    /// an element that somebody else has put in the place of ours.
    /// </summary>
    /// <param name="numberOf">Of the chain of who may come in.</param>
    /// <param name="isOfAnother">Whether a guest that does not change has an element by now: it stays.</param>
    internal NftChanges Changes(Finder find, Func<SourceNetworks, uint> numberOf, Func<DedicatedKey, bool> isOfAnother)
    {
        var changes = new NftChanges();
        var gone = _before
            .Keys.Where(key => !_after.ContainsKey(key) && !isOfAnother(key))
            .ToLookup(key => key.Map, key => key.Key);
        var wanted = _after
            .Where(element => !_before.TryGetValue(element.Key, out var old) || old != element.Value)
            .ToLookup(element => element.Key.Map, element => (element.Key.Key, element.Value));
        foreach (var map in DedicatedMap.All)
        {
            if (!gone.Contains(map) && !wanted.Contains(map))
                continue;
            var present = find(map.Name, [.. gone[map], .. wanted[map].Select(element => element.Key)]);
            foreach (var key in gone[map].Where(present.ContainsKey))
                changes.Remove(map.Name, key);
            foreach (var (key, target) in wanted[map])
            {
                var element = new NftElement(key, target.Resolve(numberOf));
                if (present.TryGetValue(key, out var found))
                {
                    if (found.Value == element.Value)
                        continue;
                    changes.Remove(map.Name, key);
                }
                changes.Add(map.Name, element);
            }
        }
        return changes;
    }

    private static void Add(
        Dictionary<DedicatedKey, DedicatedTarget> all,
        List<SourceNetworks> used,
        IReadOnlyDictionary<DedicatedKey, DedicatedTarget> elements
    )
    {
        foreach (var (key, target) in elements)
            all[key] = target;
        used.AddRange(DedicatedElements.ListsOf(elements));
    }
}
