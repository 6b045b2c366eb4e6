using Bunit;
using MasterController.Contracts;
using MasterController.DashboardTests.Subnets;
using Xunit;

namespace MasterController.DashboardTests.Pages;

public class UtilisationTests
{
    private static readonly DateTimeOffset _now = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task The_chart_has_its_numbers_as_a_table_and_a_file()
    {
        await using var controller = await FakeController.StartAsync();
        Fill(controller, [new UtilisationPoint(_now, 253, 77, 1, 0, 175)]);
        await using var context = new DashboardContext(controller);
        AddressSpaceTests.At(context, "utilisation?window=own&from=2026-01-01T11:00&to=2026-01-01T12:00");
        var page = context.Render<Dashboard.Components.Pages.Utilisation>();
        page.WaitForElement("[data-testid=utilisation-chart]");
        Assert.Contains(
            "/export/utilisation.csv?pool=default&from=2026-01-01T11%3A00%3A00Z&to=2026-01-01T12%3A00%3A00Z",
            page.FindAll("a").Select(a => a.GetAttribute("href"))
        );
        await page.InvokeAsync(() =>
            page.FindAll("button").Single(b => b.TextContent.Contains("Show as table")).ClickAsync(new())
        );
        Assert.Contains("77", page.Find("[data-testid=utilisation-table]").TextContent);
        Assert.Contains(
            controller.Asked,
            a => a.Contains("/utilisation?from=2026-01-01T11%3A00%3A00Z&to=2026-01-01T12%3A00%3A00Z")
        );
    }

    [Fact]
    public async Task Without_samples_it_says_when_there_are_some()
    {
        await using var controller = await FakeController.StartAsync();
        Fill(controller, []);
        await using var context = new DashboardContext(controller);
        var page = context.Render<Dashboard.Components.Pages.Utilisation>();
        page.WaitForAssertion(() => Assert.Contains("There are no samples of this time", page.Markup));
    }

    [Fact]
    public async Task An_interval_that_is_none_is_named_and_not_asked_for()
    {
        await using var controller = await FakeController.StartAsync();
        Fill(controller, []);
        await using var context = new DashboardContext(controller);
        AddressSpaceTests.At(context, "utilisation?window=own&from=soon");
        var page = context.Render<Dashboard.Components.Pages.Utilisation>();
        page.WaitForAssertion(() =>
            Assert.Contains("from: \"soon\" is not a time", page.Find(".mc-wrong").TextContent)
        );
        Assert.DoesNotContain(controller.Asked, a => a.Contains("/utilisation"));
    }

    private static void Fill(FakeController controller, IReadOnlyList<UtilisationPoint> points)
    {
        controller.HasPools(ViewSamples.Pool());
        controller.Reply(
            "GET /api/v1/pools/default/utilisation",
            new UtilisationSeries("default", "minute", _now.AddHours(-1), _now, points),
            ContractsJson.Default.UtilisationSeries
        );
        controller.Reply(
            "GET /api/v1/pools/default/history",
            new PoolVersionList([]),
            ContractsJson.Default.PoolVersionList
        );
        controller.Reply(
            "GET /api/v1/pools/default/stats",
            SubnetPagesTests.Stats([], []),
            ContractsJson.Default.PoolStats
        );
    }
}
