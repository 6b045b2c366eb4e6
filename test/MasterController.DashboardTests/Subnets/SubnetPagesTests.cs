using MasterController.Contracts;
using MasterController.Dashboard.Components.Subnets;
using Xunit;

namespace MasterController.DashboardTests.Subnets;

public class SubnetPagesTests
{
    private int _asked;

    [Fact]
    public async Task Any_row_is_found_without_keeping_those_before_it()
    {
        var pages = new SubnetPages(Of(65536));
        var rows = await pages.RowsAsync(65530, 20, TestContext.Current.CancellationToken);
        Assert.Equal(["65530", "65531", "65532", "65533", "65534", "65535"], rows.Select(r => r.Cidr));
        Assert.Equal(65536, pages.Known);
        Assert.True(pages.IsCounted);

        _asked = 0;
        rows = await pages.RowsAsync(30_995, 10, TestContext.Current.CancellationToken);
        Assert.Equal(Enumerable.Range(30_995, 10).Select(i => $"{i}"), rows.Select(r => r.Cidr));
        Assert.Equal(2, _asked);
    }

    [Fact]
    public async Task Rows_are_counted_to_the_end()
    {
        Assert.Equal(2500, await new SubnetPages(Of(2500)).CountAsync(TestContext.Current.CancellationToken));
        Assert.Equal(0, await new SubnetPages(Of(0)).CountAsync(TestContext.Current.CancellationToken));
        Assert.Equal(1000, await new SubnetPages(Of(1000)).CountAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Beyond_the_end_there_is_nothing()
    {
        var pages = new SubnetPages(Of(3));
        Assert.Empty(await pages.RowsAsync(2000, 10, TestContext.Current.CancellationToken));
        Assert.Equal(3, (await pages.RowsAsync(0, 10, TestContext.Current.CancellationToken)).Count);
    }

    [Fact]
    public void The_emptiest_are_those_of_the_bottom_and_then_the_end_of_the_top()
    {
        var stats = Stats(top: [Row("a", 9), Row("b", 5)], bottom: [Row("d", 1), Row("c", 2)]);
        Assert.Equal(["a", "b"], SubnetOrder.Hottest(stats, 5).Select(s => s.Cidr));
        Assert.Equal(["d", "c", "b", "a"], SubnetOrder.Coldest(stats, 5).Select(s => s.Cidr));
        Assert.Equal(["d"], SubnetOrder.Coldest(stats, 1).Select(s => s.Cidr));
    }

    [Fact]
    public void A_trend_is_a_line_through_what_was_read()
    {
        var trends = new SubnetTrends();
        var begin = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
        trends.Add(begin, [Row("10.0.0.0/24", 10)]);
        Assert.Null(trends.Line("10.0.0.0/24", 100, 20));
        trends.Add(begin.AddSeconds(5), [Row("10.0.0.0/24", 20)]);
        trends.Add(begin.AddSeconds(10), [Row("10.0.0.0/24", 15)]);
        Assert.Equal("0,20 50,0 100,10", trends.Line("10.0.0.0/24", 100, 20));
        Assert.Equal(5, trends.Change("10.0.0.0/24"));
        Assert.Null(trends.Change("10.0.1.0/24"));
    }

    internal static PoolStats Stats(IReadOnlyList<SubnetStats> top, IReadOnlyList<SubnetStats> bottom) =>
        new("default", default, 253, 10, 0, 0, 243, true, 4, 1, [], top, bottom, []);

    internal static SubnetStats Row(string cidr, long used) => new(cidr, 256, used, 0, 0, 256 - used);

    private Func<string?, int, CancellationToken, Task<SubnetList>> Of(int all) =>
        (cursor, limit, _) =>
        {
            _asked++;
            var from = cursor is null ? 0 : int.Parse(cursor);
            var count = Math.Min(limit, all - from);
            return Task.FromResult(
                new SubnetList(
                    [.. Enumerable.Range(from, count).Select(i => Row($"{i}", 1))],
                    all,
                    from + count < all ? $"{from + count}" : null
                )
            );
        };
}
