using Bunit;
using MasterController.Contracts;
using MasterController.Dashboard.Components.Pages;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace MasterController.DashboardTests.Pages;

public class GrowPageTests
{
    private const string Plans = "/api/v1/pools/default/plans";

    [Fact]
    public async Task A_suggestion_becomes_a_plan()
    {
        await using var controller = await WithPoolAsync();
        controller.Reply($"POST {Plans}", Samples.Plan(), ContractsJson.Default.PoolPlan, 201);
        await using var context = new DashboardContext(controller);
        await context.FollowAsync();
        var page = Show(context, "/grow");

        await page.PressAsync("target-192.168.0.0/16");
        await page.PressAsync("make-plan");

        var navigation = context.Services.GetRequiredService<NavigationManager>();
        page.WaitForAssertion(
            () => Assert.EndsWith("/grow?pool=default&plan=plan-1", navigation.Uri),
            Samples.Patience
        );
        Assert.Contains(
            controller.Asked,
            a =>
                a.StartsWith(
                    $"POST {Plans} {{\"action\":\"expand\",\"cidr\":\"192.168.0.0/16\"",
                    StringComparison.Ordinal
                )
        );
    }

    [Fact]
    public async Task What_is_refused_stands_at_its_field()
    {
        await using var controller = await WithPoolAsync();
        controller.Refuse(
            $"POST {Plans}",
            new Problem(
                "/problems/invalid-request",
                "The request is not valid.",
                400,
                "cidr",
                new Dictionary<string, string[]> { ["cidr"] = ["\"x\" is not a network"] }
            )
        );
        await using var context = new DashboardContext(controller);
        await context.FollowAsync();
        var page = Show(context, "/grow?pool=default&to=x");

        await page.PressAsync("make-plan");

        page.WaitForAssertion(
            () => Assert.Contains("is not a network", page.Find(".mc-input-error").TextContent),
            Samples.Patience
        );
    }

    [Fact]
    public async Task A_plan_is_shown_and_applied_after_its_network_was_typed()
    {
        await using var controller = await WithPoolAsync();
        controller.Reply($"GET {Plans}/plan-1", Samples.Plan(), ContractsJson.Default.PoolPlan);
        controller.Reply(
            $"POST {Plans}/plan-1/apply",
            Samples.Operation("running"),
            ContractsJson.Default.Operation,
            202
        );
        await using var context = new DashboardContext(controller);
        await context.FollowAsync();
        var page = Show(context, "/grow?pool=default&plan=plan-1");

        page.Shows("<strong>253</strong> → <strong>65,533</strong>, 65,532 while former gateways are kept");
        Assert.Equal("0", page.Button("vms-touched").TextContent);
        Assert.Contains("ip address add 192.168.0.1/32 dev mc0", page.Markup);
        Assert.Contains("for web-1 and 2 more", page.Markup);
        Assert.Contains("The table of connections is small.", page.Markup);
        Assert.True(page.Button("apply-plan").HasAttribute("disabled"));

        await page.EnterAsync("confirm-plan", "192.168.0.0/16");
        await page.EnterAsync("confirm-within", "5");
        await page.PressAsync("apply-plan");
        page.Shows("\"5\" is not a number from 10 to 86400");

        await page.EnterAsync("confirm-within", "60");
        await page.PressAsync("apply-plan");
        var navigation = context.Services.GetRequiredService<NavigationManager>();
        page.WaitForAssertion(() => Assert.EndsWith("/grow?operation=op-1", navigation.Uri), Samples.Patience);
        Assert.Contains(
            controller.Asked,
            a => a.EndsWith("/apply {\"confirmWithinSeconds\":60}", StringComparison.Ordinal)
        );
    }

    [Fact]
    public async Task A_plan_with_conflicts_cannot_be_applied()
    {
        await using var controller = await WithPoolAsync();
        var plan = Samples.Plan(
            "shrink",
            new PlanNotice("leases-outside", "1 lease lies outside.", "mctl lease delete")
        );
        controller.Reply($"GET {Plans}/plan-1", plan, ContractsJson.Default.PoolPlan);
        await using var context = new DashboardContext(controller);
        await context.FollowAsync();
        var page = Show(context, "/grow?pool=default&plan=plan-1");

        page.Shows("1 lease lies outside.");
        Assert.Contains("printer", page.Markup);
        Assert.True(page.Button("apply-plan").HasAttribute("disabled"));
        Assert.Contains("Something stands in the way", page.Markup);
    }

    [Fact]
    public async Task An_operator_may_plan_but_not_apply()
    {
        await using var controller = await WithPoolAsync();
        controller.ReplyAs("operator");
        controller.Reply($"GET {Plans}/plan-1", Samples.Plan(), ContractsJson.Default.PoolPlan);
        await using var context = new DashboardContext(controller);
        await context.FollowAsync();
        var page = Show(context, "/grow?pool=default&plan=plan-1");

        await page.EnterAsync("confirm-plan", "192.168.0.0/16");
        Assert.True(page.Button("apply-plan").HasAttribute("disabled"));
        Assert.Contains("This needs the role admin; this key has the role operator.", page.Markup);
    }

    [Fact]
    public async Task A_plan_that_is_forgotten_is_made_again()
    {
        await using var controller = await WithPoolAsync();
        await using var context = new DashboardContext(controller);
        await context.FollowAsync();
        Show(context, "/grow?pool=default&plan=plan-9").Shows("This plan is not known any more");
    }

    [Fact]
    public async Task An_operation_is_followed_and_can_be_confirmed()
    {
        await using var controller = await WithPoolAsync();
        var waiting = Samples.Operation("running", new OperationStep("wait for confirmation", "running", null)) with
        {
            Detail = $"rolled back unless confirmed by {TimeProvider.System.GetUtcNow().AddMinutes(5):O}",
        };
        controller.Reply("GET /api/v1/operations/op-1", waiting, ContractsJson.Default.Operation);
        controller.Reply("POST /api/v1/pools/default/confirm", waiting, ContractsJson.Default.Operation);
        await using var context = new DashboardContext(controller);
        await context.FollowAsync();
        var page = Show(context, "/grow?operation=op-1");

        page.Shows("s unless it is confirmed");
        await page.PressAsync("confirm-change");

        Assert.Contains("POST /api/v1/pools/default/confirm", controller.Asked);
        controller.Reply(
            "GET /api/v1/operations/op-1",
            waiting with
            {
                Status = "succeeded",
                Result = "3 of 3 VMs answer",
            },
            ContractsJson.Default.Operation
        );
        page.Shows("3 of 3 VMs answer");
    }

    [Fact]
    public async Task What_stands_in_the_way_of_a_rollback_is_named()
    {
        await using var controller = await WithPoolAsync();
        controller.Reply(
            "GET /api/v1/operations/op-1",
            Samples.Operation("succeeded"),
            ContractsJson.Default.Operation
        );
        var plan = Samples.Plan("rollback", new PlanNotice("leases-outside", "1 lease lies outside.", null));
        controller.Reply($"POST {Plans}", plan, ContractsJson.Default.PoolPlan, 201);
        await using var context = new DashboardContext(controller);
        await context.FollowAsync();
        var page = Show(context, "/grow?operation=op-1");

        page.Shows("Not possible now");
        Assert.Contains("192.168.7.7", page.Markup);
        Assert.True(page.Button("roll-back").HasAttribute("disabled"));
        Assert.Contains(
            controller.Asked,
            a =>
                a.Contains("\"action\":\"rollback\"", StringComparison.Ordinal)
                && a.Contains("\"version\":1", StringComparison.Ordinal)
        );
    }

    [Fact]
    public async Task A_rollback_that_is_possible_is_planned_like_any_change()
    {
        await using var controller = await WithPoolAsync();
        controller.Reply(
            "GET /api/v1/operations/op-1",
            Samples.Operation("succeeded"),
            ContractsJson.Default.Operation
        );
        controller.Reply($"POST {Plans}", Samples.Plan("rollback"), ContractsJson.Default.PoolPlan, 201);
        await using var context = new DashboardContext(controller);
        await context.FollowAsync();
        var page = Show(context, "/grow?operation=op-1");
        page.WaitForElement("[data-testid='roll-back']:not([disabled])", Samples.Patience);

        await page.PressAsync("roll-back");

        Assert.EndsWith("/grow?pool=default&plan=plan-1", context.Services.GetRequiredService<NavigationManager>().Uri);
    }

    [Fact]
    public async Task What_failed_says_why()
    {
        await using var controller = await WithPoolAsync();
        controller.Reply(
            "GET /api/v1/operations/op-1",
            Samples.Operation("rolled-back", new OperationStep("commit the pool", "undone", 3)) with
            {
                Error = "web-1 does not answer any more",
            },
            ContractsJson.Default.Operation
        );
        await using var context = new DashboardContext(controller);
        await context.FollowAsync();
        var page = Show(context, "/grow?operation=op-1");
        page.Shows("Everything was taken back: </strong>web-1 does not answer any more");
        Assert.Empty(page.FindAll("[data-testid='roll-back']"));
    }

    [Fact]
    public async Task Without_a_pool_it_says_what_to_do()
    {
        await using var controller = await WithPoolAsync();
        controller.Reply("GET /api/v1/pools", new PoolList([]), ContractsJson.Default.PoolList);
        await using var context = new DashboardContext(controller);
        await context.FollowAsync();
        Show(context, "/grow").Shows("mctl pool create");
    }

    [Fact]
    public async Task A_key_of_an_owner_sees_why_there_are_no_pools()
    {
        await using var controller = await FakeController.StartAsync();
        controller.Reply(
            "GET /api/v1/whoami",
            new WhoAmI("key:ci (k-000000000000)", "operator", "ci", null, null),
            ContractsJson.Default.WhoAmI
        );
        controller.Refuse("GET /api/v1/stats", new Problem("/problems/forbidden", "No.", 403, "It is for one owner."));
        controller.Reply("GET /api/v1/pools", new PoolList([]), ContractsJson.Default.PoolList);
        await using var context = new DashboardContext(controller);
        await context.FollowAsync();
        var page = Show(context, "/grow");
        page.Shows("This key is for VMs of the owner ci, and sees no pools.");
        Assert.Contains("Changing a pool needs the role admin", page.Markup);
    }

    private static async Task<FakeController> WithPoolAsync()
    {
        var controller = await FakeController.StartAsync();
        controller.ReplyWithStats();
        controller.Reply("GET /api/v1/pools", new PoolList([Samples.Pool()]), ContractsJson.Default.PoolList);
        PoolVersion first = new(1, Samples.Time, "create", null, [Samples.Range("192.168.100.0/24")], [], 253, false);
        PoolVersion second = new(
            2,
            Samples.Time,
            "expand",
            "op-1",
            [Samples.Range("192.168.0.0/16")],
            [],
            65_533,
            true
        );
        controller.Reply(
            "GET /api/v1/pools/default/history",
            new PoolVersionList([first, second]),
            ContractsJson.Default.PoolVersionList
        );
        return controller;
    }

    private static IRenderedComponent<GrowPage> Show(DashboardContext context, string address)
    {
        context.Services.GetRequiredService<NavigationManager>().NavigateTo(address);
        return context.Render<GrowPage>();
    }
}
