namespace MasterController.Core.HostNetwork;

/// <summary>
/// What a call changed, in words for people. Of the same sort the first few are told one by one and the rest counted,
/// so that mending 65,533 attachments does not make 65,533 lines.
/// </summary>
internal sealed class ChangeLog
{
    internal const int LinesPerSort = 20;

    private readonly List<string> _lines = [];
    private readonly Dictionary<string, int> _counts = [];

    internal void Add(string sort, string words)
    {
        var count = _counts[sort] = _counts.GetValueOrDefault(sort) + 1;
        if (count <= LinesPerSort)
            _lines.Add(words);
    }

    internal void AddDone(IEnumerable<HostChange> changes)
    {
        foreach (var change in changes)
            Add(change.Object, change.Done);
    }

    internal IReadOnlyList<string> ToList() =>
        [
            .. _lines,
            .. _counts
                .Where(entry => entry.Value > LinesPerSort)
                .Select(entry => $"{entry.Key}: {entry.Value - LinesPerSort} more"),
        ];
}
