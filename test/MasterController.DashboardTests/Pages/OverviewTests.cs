using Bunit;
using MasterController.Contracts;
using MasterController.Dashboard.Components.Pages;
using Xunit;

namespace MasterController.DashboardTests.Pages;

public class OverviewTests
{
    [Fact]
    public async Task It_waits_for_the_first_answer()
    {
        await using var controller = await FakeController.StartAsync();
        await using var context = new DashboardContext(controller);
        context.Render<Overview>().Shows("Waiting for the controller");
    }

    [Fact]
    public async Task It_shows_pools_VMs_alerts_network_and_host()
    {
        await using var controller = await FakeController.StartAsync();
        controller.ReplyWithStats();
        controller.Reply(
            "GET /api/v1/operations",
            new OperationList([Samples.Operation("running", new OperationStep("commit the pool", "running", null))]),
            ContractsJson.Default.OperationList
        );
        await using var context = new DashboardContext(controller);
        await context.FollowAsync();

        var page = context.Render<Overview>();

        page.Shows("210 <small>of 253 addresses in use (83 %)</small>");
        Assert.Contains("used 210, cooling 4, reserved 3, free 36 of 253", page.Markup);
        Assert.Contains("Full in 3 h at the rate of the last hour", page.Markup);
        Assert.Contains("/grow?pool=default&amp;to=192.168.0.0%2F16", page.Markup);
        Assert.Contains("200 <small>of 210 running</small>", page.Markup);
        Assert.Contains("mctl pool expand default 192.168.0.0/16", page.Markup);
        Assert.Contains("13 s ago", page.Markup);
        Assert.Contains("32 GiB of 64 GiB", page.Markup);
        Assert.Contains("in 1 KiB/s, out 2 KiB/s", page.Markup);
        page.Shows("/grow?operation=op-1");
    }

    [Fact]
    public async Task The_last_ten_events_are_shown_as_they_come()
    {
        await using var controller = await FakeController.StartAsync();
        controller.ReplyWithStats();
        await using var context = new DashboardContext(controller);
        await context.FollowAsync();
        var page = context.Render<Overview>();
        page.Shows("Nothing has happened yet");

        for (var i = 1; i <= 12; i++)
            controller.Publish("vm.running", $"vm-{i}");

        page.Shows("vm-12");
        Assert.Equal(10, page.FindAll("[data-testid='recent-events'] tbody tr").Count);
        Assert.Contains("/vms/vm-12", page.Markup);
    }

    [Fact]
    public async Task A_key_that_may_not_read_stats_sees_why_and_its_VMs()
    {
        await using var controller = await FakeController.StartAsync();
        controller.Refuse(
            "GET /api/v1/stats",
            new Problem("/problems/forbidden", "No.", 403, "This key is for one owner.")
        );
        controller.Reply("GET /api/v1/vms", new VmList([Samples.Vm(1)], 1, null), ContractsJson.Default.VmList);
        await using var context = new DashboardContext(controller);
        await context.FollowAsync();

        var page = context.Render<Overview>();

        page.Shows("This key is for one owner.");
        page.Shows("web-1");
        Assert.DoesNotContain("mc-overview", page.Markup);
    }

    [Fact]
    public async Task Without_VMs_and_alerts_it_says_what_to_do()
    {
        await using var controller = await FakeController.StartAsync();
        controller.ReplyWithStats();
        var none = new Dictionary<string, int>();
        controller.Reply(
            "GET /api/v1/stats",
            Samples.Stats with
            {
                Pools = [],
                Capacity = [],
                Alerts = [],
                Vms = new VmStats(0, none, [], none, 0, 0),
            },
            ContractsJson.Default.Stats
        );
        await using var context = new DashboardContext(controller);
        await context.FollowAsync();

        var page = context.Render<Overview>();

        page.Shows("mctl vm create");
        Assert.Contains("mctl pool create", page.Markup);
        Assert.Contains("Nothing needs attention", page.Markup);
    }
}
