using Bunit;
using MasterController.Contracts;
using MasterController.Dashboard.Live;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace MasterController.DashboardTests.Pages;

public class EventsTests
{
    [Fact]
    public async Task Events_of_the_past_and_those_that_come_are_one_table()
    {
        await using var controller = await FakeController.StartAsync();
        controller.Reply("GET /api/v1/events/history", new EventList([], null), ContractsJson.Default.EventList);
        await using var context = new DashboardContext(controller);
        await context.FollowAsync();
        var page = context.Render<Dashboard.Components.Pages.Events>();
        page.WaitForAssertion(() => Assert.Contains("Nothing has happened yet", page.Markup));
        page.WaitForAssertion(
            () =>
            {
                controller.Publish("vm.running", "vm-7");
                Assert.NotEmpty(page.FindAll("[data-testid=events]"));
            },
            TimeSpan.FromSeconds(10)
        );
    }

    [Fact]
    public async Task The_audit_log_needs_an_admin()
    {
        await using var controller = await FakeController.StartAsync();
        controller.HasRole("operator");
        await using var context = new DashboardContext(controller);
        await context.FollowAsync();
        Assert.Equal("operator", context.Services.GetRequiredService<LiveView>().Now.Me!.Role);
        AddressSpaceTests.At(context, "events?tab=audit");
        var page = context.Render<Dashboard.Components.Pages.Events>();
        page.WaitForAssertion(() =>
            Assert.Contains("needs the role admin", page.Find("[data-testid=role-note]").TextContent)
        );
        Assert.DoesNotContain(controller.Asked, a => a.Contains("/audit"));
    }

    [Fact]
    public async Task An_entry_shows_what_was_before_and_after()
    {
        await using var controller = await FakeController.StartAsync();
        var entry = new AuditEntry(
            1,
            default,
            "uid:0 (root)",
            "admin",
            "applyPoolPlan",
            "default",
            "POST",
            "/x",
            202,
            null,
            "op-1",
            null,
            ViewSamples.Json("""{"capacity":253}"""),
            ViewSamples.Json("""{"capacity":65533}""")
        );
        controller.HasRole("admin");
        controller.Reply("GET /api/v1/audit", new AuditList([entry], null), ContractsJson.Default.AuditList);
        await using var context = new DashboardContext(controller);
        await context.FollowAsync();
        AddressSpaceTests.At(context, "events?tab=audit&actor=uid:0&from=2026-01-01T10:00");
        var page = context.Render<Dashboard.Components.Pages.Events>();
        page.WaitForElement("[data-testid=audit]");
        await page.InvokeAsync(() => page.Find("[data-testid=audit] button").ClickAsync(new()));
        Assert.Equal(
            ["capacity", "253", "65533"],
            page.FindAll("[data-testid=audit-diff] tbody tr > *").Select(c => c.TextContent.Trim())
        );
        Assert.Contains("GET /api/v1/audit?actor=uid%3A0&from=2026-01-01T10%3A00%3A00Z&limit=100", controller.Asked);
        Assert.Contains(
            "/export/audit.csv?actor=uid%3A0&from=2026-01-01T10%3A00%3A00Z",
            page.FindAll("a").Select(a => a.GetAttribute("href"))
        );
    }
}
