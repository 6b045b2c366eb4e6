using Bunit;
using MasterController.Contracts;
using Xunit;

namespace MasterController.DashboardTests.Pages;

public class OperationsTests
{
    [Fact]
    public async Task Steps_open_under_their_operation_and_subjects_are_links()
    {
        await using var controller = await FakeController.StartAsync();
        Fill(controller, Some("failed"));
        await using var context = new DashboardContext(controller);
        AddressSpaceTests.At(context, "operations?id=op-1");
        var page = context.Render<Dashboard.Components.Pages.Operations>();
        page.WaitForElement("[aria-label=Steps]");
        Assert.Contains("boot", page.Find("[aria-label=Steps]").TextContent);
        Assert.Contains("it did not boot", page.Markup);
        Assert.Equal("/vms/vm-1", page.Find("[data-operation] a").GetAttribute("href"));
        await page.InvokeAsync(() => page.Find("button[aria-expanded]").ClickAsync(new()));
        Assert.Empty(page.FindAll("[aria-label=Steps]"));
    }

    [Fact]
    public async Task Filters_are_those_of_the_address_bar()
    {
        await using var controller = await FakeController.StartAsync();
        controller.Reply("GET /api/v1/operations", new OperationList([]), ContractsJson.Default.OperationList);
        await using var context = new DashboardContext(controller);
        AddressSpaceTests.At(context, "operations?status=failed&kind=vm.create");
        var page = context.Render<Dashboard.Components.Pages.Operations>();
        page.WaitForAssertion(() => Assert.Contains("Change the filters", page.Markup));
        Assert.Contains("GET /api/v1/operations?status=failed&kind=vm.create", controller.Asked);
    }

    [Fact]
    public async Task One_that_ends_is_seen_soon()
    {
        await using var controller = await FakeController.StartAsync();
        Fill(controller, Some("running"));
        await using var context = new DashboardContext(controller);
        await context.FollowAsync();
        AddressSpaceTests.At(context, "operations?id=op-1");
        var page = context.Render<Dashboard.Components.Pages.Operations>();
        page.WaitForElement("[data-operation]");
        Fill(controller, Some("succeeded"));
        page.WaitForAssertion(
            () =>
            {
                controller.Publish("operation.succeeded", "op-1");
                Assert.Contains("succeeded", page.Find("[data-operation]").TextContent);
            },
            TimeSpan.FromSeconds(10)
        );
    }

    [Fact]
    public async Task One_that_is_gone_is_named()
    {
        await using var controller = await FakeController.StartAsync();
        await using var context = new DashboardContext(controller);
        AddressSpaceTests.At(context, "operations?id=op-9");
        var page = context.Render<Dashboard.Components.Pages.Operations>();
        page.WaitForAssertion(() => Assert.Contains("op-9", page.Find("[role=alert]").TextContent));
    }

    private static Operation Some(string status) =>
        new(
            "op-1",
            "vm.create",
            "vm-1",
            status,
            [new OperationStep("boot", "failed", 12)],
            0.5,
            null,
            status == "failed" ? "it did not boot" : null,
            default,
            null
        );

    private static void Fill(FakeController controller, Operation operation)
    {
        controller.Reply("GET /api/v1/operations", new OperationList([operation]), ContractsJson.Default.OperationList);
        controller.Reply("GET /api/v1/operations/op-1", operation, ContractsJson.Default.Operation);
    }
}
