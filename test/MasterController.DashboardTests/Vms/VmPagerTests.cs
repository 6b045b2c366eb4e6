using MasterController.Contracts;
using MasterController.Dashboard.Components.Vms;
using Xunit;

namespace MasterController.DashboardTests.Vms;

public class VmPagerTests
{
    private readonly List<(int Limit, string? Cursor)> _asked = [];
    private int _total = 5_321;

    [Fact]
    public async Task Rows_come_in_blocks_that_are_asked_for_once()
    {
        var pager = Pager();

        var rows = await pager.ReadAsync(10, 60, CancellationToken.None);

        Assert.Equal(Enumerable.Range(10, 60).Select(i => $"web-{i}"), rows.Select(r => r.Name));
        Assert.Equal(5_321, pager.Total);
        Assert.Equal([(50, null), (50, "50")], _asked);

        await pager.ReadAsync(0, 100, CancellationToken.None);
        Assert.Equal(2, _asked.Count);
    }

    [Fact]
    public async Task A_jump_walks_in_large_pages_and_remembers_the_way()
    {
        var pager = Pager();

        var rows = await pager.ReadAsync(5_300, 50, CancellationToken.None);

        Assert.Equal(21, rows.Count);
        Assert.Equal("web-5320", rows[^1].Name);
        Assert.Equal(7, _asked.Count);
        Assert.All(_asked.Take(5), a => Assert.Equal(1000, a.Limit));

        await pager.ReadAsync(4_000, 10, CancellationToken.None);
        Assert.Equal((50, "4000"), _asked[^1]);
        Assert.Equal(8, _asked.Count);
    }

    [Fact]
    public async Task No_more_than_some_hundred_rows_are_kept()
    {
        var pager = Pager();
        for (var at = 0; at < 3_000; at += 100)
            await pager.ReadAsync(at, 100, CancellationToken.None);
        Assert.Equal(300, pager.Loaded.Count());

        Assert.Equal(300, (await pager.ReadAsync(0, 100_000, CancellationToken.None)).Count);
    }

    [Fact]
    public async Task Rows_beyond_the_end_are_none()
    {
        var pager = Pager();
        await pager.ReadAsync(5_300, 21, CancellationToken.None);
        _total = 30;
        pager.Forget();

        Assert.Empty(await pager.ReadAsync(200, 50, CancellationToken.None));
        Assert.Equal(30, pager.Total);
        Assert.Equal(30, (await pager.ReadAsync(0, 50, CancellationToken.None)).Count);
    }

    private VmPager Pager() =>
        new(
            (limit, cursor, _) =>
            {
                _asked.Add((limit, cursor));
                var at = cursor is null ? 0 : int.Parse(cursor, System.Globalization.CultureInfo.InvariantCulture);
                var items = Enumerable.Range(at, Math.Max(0, Math.Min(limit, _total - at))).Select(i => Samples.Vm(i));
                return Task.FromResult(new VmList([.. items], _total, at + limit < _total ? $"{at + limit}" : null));
            }
        );
}
