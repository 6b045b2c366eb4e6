using Bunit;
using MasterController.Contracts;
using Microsoft.AspNetCore.Components;
using Xunit;

namespace MasterController.DashboardTests.Pages;

public class ExternalTests
{
    private static readonly ExternalChange _change = new(
        null,
        null,
        "add-forward",
        true,
        "forward 8080 to web",
        [],
        [new PlanChange("nftables", "add", "element of forwards", "nft add element …")]
    );

    [Fact]
    public async Task Counts_addresses_and_forwards_are_shown()
    {
        await using var controller = await FakeController.StartAsync();
        Fill(controller);
        await using var context = new DashboardContext(controller);
        await context.FollowAsync();
        var page = context.Render<Dashboard.Components.Pages.External>();
        page.WaitForElement("[data-testid=forwards]");
        Assert.Contains("1.8e19", page.Find("[data-testid=external-counts]").TextContent);
        Assert.Contains("2001:db8::5", page.Find("[data-testid=dedicated-addresses]").TextContent);
        Assert.Contains("*:8080", page.Find("[data-testid=forwards]").TextContent);
        Assert.Contains("no VM", page.Find("[data-testid=external-history]").TextContent);
    }

    [Fact]
    public async Task A_viewer_is_told_what_it_needs()
    {
        await using var controller = await FakeController.StartAsync();
        Fill(controller, "viewer");
        await using var context = new DashboardContext(controller);
        await context.FollowAsync();
        var page = context.Render<Dashboard.Components.Pages.External>();
        page.WaitForElement("[data-testid=forwards]");
        Assert.Contains("Needs the role operator", page.Find("[data-testid=role-note]").TextContent);
        Assert.All(
            page.FindAll("main button, [data-testid=forwards] button, .mc-actions button"),
            b => Assert.True(b.HasAttribute("disabled"))
        );
    }

    [Fact]
    public async Task A_forward_is_previewed_before_it_is_added_and_refused_by_field()
    {
        await using var controller = await FakeController.StartAsync();
        Fill(controller);
        controller.Refuse(
            "POST /api/v1/forwards",
            new Problem(
                "/problems/invalid-request",
                "The request is not valid.",
                400,
                Errors: new Dictionary<string, string[]> { ["guestPorts"] = ["port 99999 is not 1 to 65535"] }
            )
        );
        await using var context = new DashboardContext(controller);
        await context.FollowAsync();
        var page = context.Render<Dashboard.Components.Pages.External>();
        page.WaitForElement("[data-testid=forwards]");
        await page.InvokeAsync(() =>
            page.FindAll("button").Single(b => b.TextContent.Contains("Forward a port")).Click()
        );
        var dialog = context.Dialogs;
        dialog.WaitForElement("#forward-vm");
        await dialog.InvokeAsync(() => dialog.Find("#forward-vm").ChangeAsync(new ChangeEventArgs { Value = "web" }));
        await dialog.InvokeAsync(() =>
            dialog.Find("#forward-guest").ChangeAsync(new ChangeEventArgs { Value = "99999" })
        );
        await dialog.InvokeAsync(() => Button("Preview").ClickAsync(new()));
        dialog.WaitForAssertion(() =>
            Assert.Contains("guestPorts: port 99999", dialog.Find("[role=alert] li").TextContent)
        );
        Assert.True(Button("Add the forward").HasAttribute("disabled"));

        controller.Reply("POST /api/v1/forwards", _change, ContractsJson.Default.ExternalChange);
        await dialog.InvokeAsync(() => Button("Preview").ClickAsync(new()));
        dialog.WaitForAssertion(() =>
            Assert.Equal("forward 8080 to web", dialog.Find("[data-testid=plan-summary]").TextContent)
        );
        await dialog.InvokeAsync(() => Button("Add the forward").ClickAsync(new()));
        dialog.WaitForAssertion(() => Assert.Empty(dialog.FindAll("#forward-vm")));
        Assert.EndsWith(
            "\"plan\":false}",
            controller.Asked.Last(a => a.StartsWith("POST /api/v1/forwards", StringComparison.Ordinal))
        );

        AngleSharp.Dom.IElement Button(string text) =>
            dialog.FindAll("button").Single(b => b.TextContent.Contains(text));
    }

    [Fact]
    public async Task A_rollback_that_is_refused_says_what_stands_in_the_way()
    {
        await using var controller = await FakeController.StartAsync();
        Fill(controller);
        controller.Refuse(
            "POST /api/v1/external/history/ext-1/rollback",
            new Problem("/problems/external-conflicts", "Something stands in the way.", 409, "The VM web is gone.")
        );
        await using var context = new DashboardContext(controller);
        await context.FollowAsync();
        var page = context.Render<Dashboard.Components.Pages.External>();
        page.WaitForElement("[data-testid=external-history]");
        await page.InvokeAsync(() => page.Find("[data-testid=external-history] button").Click());
        context.Dialogs.WaitForAssertion(() =>
            Assert.Contains("The VM web is gone.", context.Dialogs.Find("[role=alert]").TextContent)
        );
    }

    [Fact]
    public async Task A_check_tells_passed_failed_and_not_known_apart()
    {
        await using var controller = await FakeController.StartAsync();
        Fill(controller);
        controller.Reply(
            "POST /api/v1/vms/vm-1/external-check",
            new ExternalCheck(
                "vm-1",
                "web",
                false,
                [new("a", "route", true, ""), new("b", "guest", false, ""), new("c", "reachable", null, "")]
            ),
            ContractsJson.Default.ExternalCheck
        );
        await using var context = new DashboardContext(controller);
        await context.FollowAsync();
        var page = context.Render<Dashboard.Components.Pages.External>();
        page.WaitForElement("[data-testid=forwards]");
        await page.InvokeAsync(() => page.Find("[data-testid=forwards] button").Click());
        context.Dialogs.WaitForElement("[data-testid=findings]");
        Assert.Equal(
            ["✓ passed", "✗ failed", "? not known"],
            context.Dialogs.FindAll("[data-testid=findings] tbody td:first-child").Select(t => t.TextContent.Trim())
        );
    }

    private static void Fill(FakeController controller, string role = "admin")
    {
        controller.HasRole(role);
        controller.Reply(
            "GET /api/v1/external",
            new ExternalStatus(
                "2001:db8::/64",
                "routed",
                "a router sends it here",
                [],
                "20000-29999",
                [new ExternalCount("ipv6", 18446744073709551616m, 1, 0, 3, 18446744073709551612m)]
            ),
            ContractsJson.Default.ExternalStatus
        );
        controller.Reply(
            "GET /api/v1/external/addresses",
            new DedicatedAddressList([new("2001:db8::5", "ipv6", "used", "vm-1", "web", default, null)], 1),
            ContractsJson.Default.DedicatedAddressList
        );
        controller.Reply(
            "GET /api/v1/forwards",
            new ForwardList([new("fwd-1", "vm-1", "web", null, "8080", "192.168.100.2", "80", "tcp", [])], 1),
            ContractsJson.Default.ForwardList
        );
        controller.Reply(
            "GET /api/v1/external/history",
            new ExternalChangeList(
                [_change with { Id = "ext-1", Planned = false, Summary = "no VM was reached by it" }],
                1
            ),
            ContractsJson.Default.ExternalChangeList
        );
    }
}
