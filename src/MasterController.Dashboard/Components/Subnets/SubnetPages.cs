using MasterController.Contracts;

namespace MasterController.Dashboard.Components.Subnets;

/// <summary>
/// Rows of a list that the controller gives in pages with a cursor, by their number: where pages begin is remembered, not
/// what is on them, so that the 65,536 /24s of a /8 are not kept.
/// </summary>
/// <param name="read">A page of at most so many rows; the cursor is null for the first.</param>
public sealed class SubnetPages(Func<string?, int, CancellationToken, Task<SubnetList>> read)
{
    public const int PageSize = 1000;

    /// <summary>Cursors of the pages that are known, in their order.</summary>
    private readonly List<string?> _begins = [null];

    /// <summary>Page and rows of the last reading: a table asks for the same neighbourhood again and again.</summary>
    private (int Page, IReadOnlyList<SubnetStats> Rows)? _last;

    private bool _ended;

    /// <summary>Rows of the pages that are known; all there are once <see cref="IsCounted"/>.</summary>
    public int Known { get; private set; }

    /// <summary>Whether the last page was seen.</summary>
    public bool IsCounted => _ended;

    /// <summary>Forgets the rows that are kept; pages begin where they did.</summary>
    public void Refresh() => _last = null;

    /// <summary>Reads to the end, so that <see cref="Known"/> is how many rows there are.</summary>
    public async Task<int> CountAsync(CancellationToken cancellationToken)
    {
        while (!_ended)
            await PageAsync(_begins.Count - 1, cancellationToken);
        return Known;
    }

    public async Task<IReadOnlyList<SubnetStats>> RowsAsync(int from, int count, CancellationToken cancellationToken)
    {
        List<SubnetStats> rows = [];
        for (var page = from / PageSize; rows.Count < count; page++)
        {
            while (page >= _begins.Count && !_ended)
                await PageAsync(_begins.Count - 1, cancellationToken);
            if (page >= _begins.Count)
                break;
            var items = await PageAsync(page, cancellationToken);
            var skip = Math.Max(0, from - page * PageSize);
            rows.AddRange(items.Skip(skip).Take(count - rows.Count));
            if (page == _begins.Count - 1 && _ended)
                break;
        }
        return rows;
    }

    private async Task<IReadOnlyList<SubnetStats>> PageAsync(int page, CancellationToken cancellationToken)
    {
        if (_last is { } last && last.Page == page)
            return last.Rows;
        var list = await read(_begins[page], PageSize, cancellationToken);
        _last = (page, list.Items);
        if (page == _begins.Count - 1 && !_ended)
        {
            Known = page * PageSize + list.Items.Count;
            if (list.Next is null)
                _ended = true;
            else
                _begins.Add(list.Next);
        }
        return list.Items;
    }
}
