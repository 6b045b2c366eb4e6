using MasterController.Contracts;

namespace MasterController.Dashboard.Components.Vms;

/// <summary>
/// Rows by their number from an API that pages by cursors: it remembers at which rows pages begin, and walks on from the
/// nearest. A few blocks of rows are kept, so that scrolling to and fro asks for nothing.
/// </summary>
/// <param name="fetch">A page of so many items after a cursor.</param>
internal sealed class VmPager(Func<int, string?, CancellationToken, Task<VmList>> fetch)
{
    public const int Block = 50;

    /// <summary>The API's largest page, for walking over rows that nobody sees.</summary>
    private const int Stride = 1000;

    /// <summary>300 rows: more than any screen shows.</summary>
    private const int MostBlocks = 6;

    private readonly SemaphoreSlim _turn = new(1);
    private readonly SortedDictionary<int, string?> _cursors = new() { [0] = null };
    private readonly Dictionary<int, IReadOnlyList<Vm>> _blocks = [];
    private readonly LinkedList<int> _used = [];

    /// <summary>How many there are in all; null before the first answer.</summary>
    public int? Total { get; private set; }

    public IEnumerable<Vm> Loaded => _blocks.Values.SelectMany(b => b);

    /// <summary>Forgets rows, but not where pages begin: cursors stay good when VMs come and go.</summary>
    public void Forget()
    {
        _blocks.Clear();
        _used.Clear();
    }

    /// <summary>Rows from <paramref name="start"/> on, as many as there are of <paramref name="count"/>.</summary>
    public async Task<IReadOnlyList<Vm>> ReadAsync(int start, int count, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            List<Vm> rows = [];
            var end = start + Math.Min(count, MostBlocks * Block);
            for (var at = start / Block * Block; at < end && (Total is not { } total || at < total); at += Block)
            {
                var block = await BlockAsync(at, cancellationToken);
                rows.AddRange(block.Skip(Math.Max(0, start - at)).Take(end - Math.Max(start, at)));
                if (block.Count < Block)
                    break;
            }
            return rows;
        }
        finally
        {
            _turn.Release();
        }
    }

    private async Task<IReadOnlyList<Vm>> BlockAsync(int at, CancellationToken cancellationToken)
    {
        if (_blocks.TryGetValue(at, out var known))
        {
            _used.Remove(at);
            _used.AddLast(at);
            return known;
        }
        while (true)
        {
            var (row, cursor) = _cursors.Last(c => c.Key <= at);
            var page = await fetch(row == at ? Block : Math.Min(Stride, at - row), cursor, cancellationToken);
            Total = page.Total;
            if (page.Next is not null)
                _cursors[row + page.Items.Count] = page.Next;
            if (row == at)
                return Keep(at, page.Items);
            // Fewer than there were: what was asked for is beyond the last.
            if (page.Next is null)
                return [];
        }
    }

    private IReadOnlyList<Vm> Keep(int at, IReadOnlyList<Vm> items)
    {
        _blocks[at] = items;
        _used.AddLast(at);
        if (_used.Count > MostBlocks)
        {
            _blocks.Remove(_used.First!.Value);
            _used.RemoveFirst();
        }
        return items;
    }
}
