namespace MasterController.Linux.Nftables;

/// <summary>
/// Elements that are removed from and added to sets of one table, in one transaction: removals first, so that a key may be
/// in both.
/// </summary>
public sealed class NftChanges
{
    // The length of an attribute has 16 bits.
    private const int ElementsPerMessage = 256;

    private readonly Dictionary<string, List<NftElement>> _removals = [];
    private readonly Dictionary<string, List<NftElement>> _additions = [];

    /// <summary>Of elements.</summary>
    public int Count { get; private set; }

    /// <summary><c>nft delete element …</c></summary>
    /// <param name="key">Of an element that is there.</param>
    public void Remove(string set, NftData key) => Add(_removals, set, new NftElement(key));

    /// <summary><c>nft add element …</c></summary>
    /// <param name="element">Of a key that is not there, or is removed; the very same may be there.</param>
    public void Add(string set, NftElement element) => Add(_additions, set, element);

    internal IEnumerable<(string Set, bool IsRemoval, IReadOnlyList<NftElement> Elements)> Messages() =>
        [
            .. from entry in _removals
            from some in entry.Value.Chunk(ElementsPerMessage)
            select (entry.Key, true, (IReadOnlyList<NftElement>)some),
            .. from entry in _additions
            from some in entry.Value.Chunk(ElementsPerMessage)
            select (entry.Key, false, (IReadOnlyList<NftElement>)some),
        ];

    private void Add(Dictionary<string, List<NftElement>> changes, string set, NftElement element)
    {
        if (!changes.TryGetValue(set, out var elements))
            changes[set] = elements = [];
        elements.Add(element);
        Count++;
    }
}
