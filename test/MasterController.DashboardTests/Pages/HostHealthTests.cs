using Bunit;
using MasterController.Contracts;
using Xunit;

namespace MasterController.DashboardTests.Pages;

public class HostHealthTests
{
    [Fact]
    public async Task Checks_are_grouped_by_how_bad_they_are()
    {
        await using var controller = await FakeController.StartAsync();
        controller.Reply(
            "GET /api/v1/doctor",
            new DoctorReport(
                [new("clock", "pass", "fine", null), new("kvm-boot", "fail", "no KVM", "modprobe kvm")],
                1,
                0,
                1,
                0
            ),
            ContractsJson.Default.DoctorReport
        );
        await using var context = new DashboardContext(controller);
        var page = context.Render<Dashboard.Components.Pages.Doctor>();
        page.WaitForElement("[data-testid=doctor-fail]");
        Assert.Equal(["Failed (1)", "Passed (1)"], page.FindAll("h2").Select(h => h.TextContent));
        Assert.Equal(
            "Copy what helps against kvm-boot",
            page.Find("[data-testid=doctor-fail] button").GetAttribute("aria-label")
        );
    }

    [Fact]
    public async Task A_doctor_who_does_not_answer_is_told()
    {
        await using var controller = await FakeController.StartAsync();
        controller.Refuse(
            "GET /api/v1/doctor",
            new Problem("/problems/not-ready", "It starts.", 503, "Recovery is under way.")
        );
        await using var context = new DashboardContext(controller);
        var page = context.Render<Dashboard.Components.Pages.Doctor>();
        page.WaitForAssertion(() => Assert.Contains("Recovery is under way.", page.Find("[role=alert]").TextContent));
    }

    [Fact]
    public async Task A_repair_is_planned_then_confirmed()
    {
        await using var controller = await FakeController.StartAsync();
        Drifts(controller);
        var plan = new NetworkRepair(
            true,
            [new PlanChange("route", "add", "192.168.100.2/32", "ip route add 192.168.100.2/32 …")],
            1,
            [],
            0,
            []
        );
        controller.Reply("POST /api/v1/network/repair", plan, ContractsJson.Default.NetworkRepair);
        await using var context = new DashboardContext(controller);
        await context.FollowAsync();
        var page = context.Render<Dashboard.Components.Pages.Drift>();
        page.WaitForElement("[data-testid=drift]");
        Assert.Contains("1 of ours, 0 of others", page.Find("[data-testid=drift-counts]").TextContent);
        await page.InvokeAsync(() =>
            page.FindAll("button").Single(b => b.TextContent.Contains("Plan a repair")).Click()
        );
        var dialog = context.Dialogs;
        dialog.WaitForElement("[data-testid=plan-changes]");
        Assert.EndsWith("{\"plan\":true}", controller.Asked.Last(a => a.Contains("/repair")));

        controller.Reply(
            "POST /api/v1/network/repair",
            plan with
            {
                Planned = false,
                RepairedCount = 1,
            },
            ContractsJson.Default.NetworkRepair
        );
        await dialog.InvokeAsync(() =>
            dialog.FindAll("button").Single(b => b.TextContent.Trim() == "Repair").ClickAsync(new())
        );
        dialog.WaitForAssertion(() =>
            Assert.Contains("1 repaired with 1 changes", dialog.Find("[data-testid=repair-result]").TextContent)
        );
        Assert.EndsWith("{\"plan\":false}", controller.Asked.Last(a => a.Contains("/repair")));
    }

    [Theory]
    [InlineData("operator", "routed", "need the role admin")]
    [InlineData("admin", "none", "network mode \"none\"")]
    public async Task Why_there_is_no_repair_is_said(string role, string mode, string expected)
    {
        await using var controller = await FakeController.StartAsync();
        Drifts(controller, role, mode);
        await using var context = new DashboardContext(controller);
        await context.FollowAsync();
        var page = context.Render<Dashboard.Components.Pages.Drift>();
        page.WaitForElement("[data-testid=drift]");
        Assert.Contains(expected, page.Find("[data-testid=role-note]").TextContent);
        Assert.True(
            page.FindAll("button").Single(b => b.TextContent.Contains("Plan a repair")).HasAttribute("disabled")
        );
    }

    private static void Drifts(FakeController controller, string role = "admin", string mode = "routed")
    {
        controller.HasRole(role);
        controller.Reply(
            "GET /api/v1/network",
            new NetworkStatus(
                mode,
                "uplink0",
                [],
                new NetworkObserved(default, 0.1, 2, 1),
                null,
                new DriftCounts(1, 0),
                []
            ),
            ContractsJson.Default.NetworkStatus
        );
        controller.Reply(
            "GET /api/v1/network/drift",
            new NetworkDriftList(
                [
                    new(
                        "route",
                        "192.168.100.2/32",
                        "dev fc…",
                        "nothing",
                        "ours",
                        null,
                        default,
                        2,
                        "seen",
                        null,
                        null,
                        null
                    ),
                ],
                1
            ),
            ContractsJson.Default.NetworkDriftList
        );
    }
}
