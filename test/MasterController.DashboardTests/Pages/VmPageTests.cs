using Bunit;
using MasterController.Contracts;
using MasterController.Dashboard.Components.Pages;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace MasterController.DashboardTests.Pages;

public class VmPageTests
{
    private const string Path = "/api/v1/vms/web-1";

    [Fact]
    public async Task Facts_are_shown()
    {
        await using var controller = await WithVmAsync(Samples.Vm(1));
        await using var context = new DashboardContext(controller);
        await context.FollowAsync();

        var page = Show(context);

        page.Shows("192.168.100.3 of the pool default");
        Assert.Contains("pid 1234", page.Markup);
        Assert.Contains("(after 1.2 s)", page.Markup);
        Assert.True(page.Button("vm-start").HasAttribute("disabled"));
        Assert.False(page.Button("vm-stop").HasAttribute("disabled"));
        Assert.Contains("only a VM that is stopped or failed can be started", page.Markup);
    }

    [Fact]
    public async Task Why_it_failed_is_shown()
    {
        await using var controller = await WithVmAsync(Samples.Vm(1, "failed"));
        await using var context = new DashboardContext(controller);
        await context.FollowAsync();
        Show(context).Shows("the guest ended");
    }

    [Fact]
    public async Task One_that_is_not_there_says_so()
    {
        await using var controller = await FakeController.StartAsync();
        await using var context = new DashboardContext(controller);
        await context.FollowAsync();
        Show(context).Shows("There is no VM \"web-1\"");
    }

    [Fact]
    public async Task A_refused_action_is_shown_and_one_that_was_taken_is_asked_for()
    {
        await using var controller = await WithVmAsync(Samples.Vm(1));
        var stop = $"POST /api/v1/vms/{Samples.Vm(1).Id}/stop";
        controller.Refuse(stop, new Problem("/problems/wrong-state", "No.", 409, "It is being deleted."));
        await using var context = new DashboardContext(controller);
        await context.FollowAsync();
        var page = Show(context);

        await page.PressAsync("vm-stop");
        page.Shows("It is being deleted.");

        controller.Reply(stop, Samples.Vm(1, "stopping"), ContractsJson.Default.Vm, 202);
        controller.Reply($"GET {Path}", Samples.Vm(1, "stopped"), ContractsJson.Default.Vm);
        await page.PressAsync("vm-stop");
        page.Shows("stopped");
    }

    [Fact]
    public async Task A_viewer_may_change_nothing()
    {
        await using var controller = await WithVmAsync(Samples.Vm(1));
        controller.ReplyAs("viewer");
        await using var context = new DashboardContext(controller);
        await context.FollowAsync();
        var page = Show(context, "network");
        page.Shows("Attach an address");
        Assert.All(page.FindAll("button.mud-button-root"), b => Assert.True(b.HasAttribute("disabled"), b.TextContent));
    }

    [Fact]
    public async Task Traffic_policy_and_how_it_is_reached_are_shown()
    {
        var vm = Samples.Vm(1) with
        {
            Ipv6 = "2001:db8::7",
            Open = [new VmOpening("tcp/22", ["198.51.100.0/24"])],
            Egress = new VmEgress("type", "deny", ["0.0.0.0/0:443/tcp"], []),
            RateLimit = new VmRateLimit("vm", new RateLimit(OutBytesPerSecond: 1024)),
        };
        await using var controller = await WithVmAsync(vm);
        controller.Reply(
            $"GET /api/v1/vms/{vm.Id}/traffic",
            new VmTraffic(
                vm.Id,
                vm.Name,
                vm.Address,
                new TrafficCounters(10, 2048, 0),
                new TrafficCounters(5, 1024, 1)
            ),
            ContractsJson.Default.VmTraffic
        );
        await using var context = new DashboardContext(controller);
        await context.FollowAsync();

        var page = Show(context, "network");

        page.Shows("2 KiB");
        Assert.Contains("deny by default (of its type)", page.Markup);
        Assert.Contains("1 KiB/s (its own)", page.Markup);
        Assert.Contains("2001:db8::7", page.Markup);
        Assert.Contains("198.51.100.0/24", page.Markup);
        Assert.Contains("No port of the host leads to it", page.Markup);
    }

    [Fact]
    public async Task A_service_is_closed_after_its_plan_was_shown()
    {
        var vm = Samples.Vm(1) with { Ipv6 = "2001:db8::7", Open = [new VmOpening("tcp/22", [])] };
        await using var controller = await WithVmAsync(vm);
        var change = new ExternalChange(
            null,
            null,
            "close",
            true,
            "tcp/22 of web-1 is closed",
            [],
            [new PlanChange("nftables", "remove", "tcp/22", "nft delete element x")]
        );
        controller.Reply($"POST /api/v1/vms/{vm.Id}/close", change, ContractsJson.Default.ExternalChange);
        await using var context = new DashboardContext(controller);
        await context.FollowAsync();
        var page = Show(context, "network");
        page.Shows("tcp/22");

        _ = page.InvokeAsync(() =>
            page.FindAll("button")
                .First(b => b.TextContent.Contains("Close") && b.TextContent.Contains(" tcp/22"))
                .ClickAsync()
        );
        context.Dialogs.Shows("nft delete element x");
        await context.Dialogs.PressAsync("do-plan");

        page.WaitForAssertion(
            () =>
                Assert.Equal(
                    ["true", "false"],
                    controller
                        .Asked.Where(a => a.StartsWith("POST", StringComparison.Ordinal))
                        .Select(a => a.Contains("\"plan\":true", StringComparison.Ordinal) ? "true" : "false")
                ),
            Samples.Patience
        );
    }

    [Fact]
    public async Task Events_are_those_of_the_past_and_those_that_come()
    {
        await using var controller = await WithVmAsync(Samples.Vm(1));
        controller.Reply(
            "GET /api/v1/events/history",
            new EventList([new Event(1000, Samples.Time, "vm.creating", Samples.Vm(1).Id, "of the past", null)], null),
            ContractsJson.Default.EventList
        );
        await using var context = new DashboardContext(controller);
        await context.FollowAsync();
        var page = Show(context, "events");
        page.Shows("of the past");

        controller.Publish("vm.running", "vm-of-somebody-else", "another");
        controller.Publish("vm.running", Samples.Vm(1).Id, "just now");

        page.Shows("just now");
        Assert.DoesNotContain("another", page.Markup);
        Assert.Contains(controller.Asked, a => a.Contains($"subject={Samples.Vm(1).Id}", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_history_of_its_address_is_newest_first()
    {
        await using var controller = await WithVmAsync(Samples.Vm(1));
        AddressEvent former = new(
            Samples.Time,
            Samples.Time.AddHours(1),
            "leased",
            null,
            "default",
            "vm-0",
            "old",
            null,
            null,
            null
        );
        controller.Reply(
            "GET /api/v1/addresses/192.168.100.3/history",
            new AddressHistoryList(
                "192.168.100.3",
                Samples.Time,
                null,
                [former, former with { Since = Samples.Time.AddHours(2), Until = null, Vm = "web-1" }],
                2
            ),
            ContractsJson.Default.AddressHistoryList
        );
        await using var context = new DashboardContext(controller);
        await context.FollowAsync();

        var page = Show(context, "address");

        page.Shows("web-1");
        page.WaitForAssertion(() => Assert.Equal(2, page.FindAll("tbody tr").Count), Samples.Patience);
        Assert.Contains("now", page.FindAll("tbody tr")[0].TextContent);
        Assert.Contains("old", page.FindAll("tbody tr")[1].TextContent);
    }

    [Fact]
    public async Task The_console_is_followed_for_as_long_as_it_is_shown()
    {
        var hungUp = new TaskCompletionSource();
        await using var controller = await WithVmAsync(Samples.Vm(1));
        controller.Handle(
            $"GET /api/v1/vms/{Samples.Vm(1).Id}/console",
            async http =>
            {
                await http.Response.WriteAsync("login: ");
                await http.Response.Body.FlushAsync();
                await Task.Delay(Timeout.Infinite, http.RequestAborted)
                    .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                hungUp.SetResult();
            }
        );
        await using var context = new DashboardContext(controller);
        var module = context.JSInterop.SetupModule(_ => true);
        var view = module.SetupModule("open", _ => true);
        var appended = view.SetupVoid("append", _ => true).SetVoidResult();
        view.SetupVoid("clear", _ => true).SetVoidResult();
        await context.FollowAsync();

        var page = Show(context, "console");
        page.Shows("data-testid=\"console-state\">live<");
        page.WaitForAssertion(() => appended.VerifyInvoke("append"), Samples.Patience);

        await context.DisposeComponentsAsync();
        await hungUp.Task.WaitAsync(Samples.Patience, Xunit.TestContext.Current.CancellationToken);
    }

    private static async Task<FakeController> WithVmAsync(Vm vm)
    {
        var controller = await FakeController.StartAsync();
        controller.ReplyWithStats();
        controller.Reply($"GET {Path}", vm, ContractsJson.Default.Vm);
        return controller;
    }

    private static IRenderedComponent<VmPage> Show(DashboardContext context, string? tab = null)
    {
        context
            .Services.GetRequiredService<NavigationManager>()
            .NavigateTo(tab is null ? "/vms/web-1" : $"/vms/web-1?tab={tab}");
        return context.Render<VmPage>(p => p.Add(v => v.Id, "web-1"));
    }
}
