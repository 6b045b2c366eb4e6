using Bunit;
using MasterController.Contracts;
using MasterController.Dashboard.Components.Pages;
using MasterController.DashboardTests.Subnets;
using Xunit;

namespace MasterController.DashboardTests.Pages;

public class SubnetsTests
{
    [Fact]
    public async Task Rows_are_read_as_they_are_seen()
    {
        await using var controller = await FakeController.StartAsync();
        Fill(controller);
        await using var context = new DashboardContext(controller);
        var page = context.Render<Dashboard.Components.Pages.Subnets>();
        page.WaitForElement("[data-testid=subnets]");
        Assert.Equal("3", page.Find("[data-testid=subnets]").GetAttribute("aria-rowcount"));
        Assert.Contains("3 of 4 /24s are in use", page.Markup);
        Assert.Equal(
            "map?pool=default&network=10.0.0.0%2F24",
            page.Find("section[aria-label=Hottest] a").GetAttribute("href")
        );
    }

    [Fact]
    public async Task An_order_by_share_asks_for_the_ends_alone()
    {
        await using var controller = await FakeController.StartAsync();
        Fill(controller);
        await using var context = new DashboardContext(controller);
        AddressSpaceTests.At(context, "subnets?sort=fullest");
        var page = context.Render<Dashboard.Components.Pages.Subnets>();
        page.WaitForElement("[data-testid=subnets]");
        Assert.Contains(controller.Asked, a => a == "GET /api/v1/pools/default/stats?top=1000");
        Assert.DoesNotContain(
            controller.Asked,
            a => a.StartsWith("GET /api/v1/pools/default/subnets", StringComparison.Ordinal)
        );
    }

    [Fact]
    public async Task A_range_that_is_none_is_named()
    {
        await using var controller = await FakeController.StartAsync();
        Fill(controller);
        controller.Refuse(
            "GET /api/v1/pools/default/subnets",
            new Problem(
                "/problems/invalid-request",
                "The request is not valid.",
                400,
                Errors: new Dictionary<string, string[]> { ["range"] = ["\"x\" is not a network"] }
            )
        );
        await using var context = new DashboardContext(controller);
        AddressSpaceTests.At(context, "subnets?range=x");
        var page = context.Render<Dashboard.Components.Pages.Subnets>();
        page.WaitForAssertion(() =>
            Assert.Contains("\"x\" is not a network", page.Find("[role=alert] li").TextContent)
        );
    }

    [Fact]
    public async Task A_pool_that_nobody_uses_says_what_to_do()
    {
        await using var controller = await FakeController.StartAsync();
        Fill(controller);
        controller.Reply(
            "GET /api/v1/pools/default/subnets",
            new SubnetList([], 4, null),
            ContractsJson.Default.SubnetList
        );
        await using var context = new DashboardContext(controller);
        var page = context.Render<Dashboard.Components.Pages.Subnets>();
        page.WaitForAssertion(() => Assert.Contains("Create a VM", page.Markup));
    }

    private static void Fill(FakeController controller)
    {
        controller.HasPools(ViewSamples.Pool());
        var (a, b) = (SubnetPagesTests.Row("10.0.0.0/24", 9), SubnetPagesTests.Row("10.0.1.0/24", 1));
        controller.Reply(
            "GET /api/v1/pools/default/stats",
            SubnetPagesTests.Stats([a, b], []),
            ContractsJson.Default.PoolStats
        );
        controller.Reply(
            "GET /api/v1/pools/default/subnets",
            new SubnetList([a, b], 4, null),
            ContractsJson.Default.SubnetList
        );
    }
}
