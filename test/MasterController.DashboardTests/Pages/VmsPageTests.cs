using Bunit;
using Bunit.TestDoubles;
using MasterController.Contracts;
using MasterController.Dashboard.Components.Pages;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace MasterController.DashboardTests.Pages;

public class VmsPageTests
{
    [Fact]
    public async Task VMs_are_listed_with_what_is_known_of_them()
    {
        await using var controller = await WithVmsAsync(Samples.Vm(1), Samples.Vm(2, "failed"));
        await using var context = new DashboardContext(controller);
        await context.FollowAsync();

        var page = context.Render<VmsPage>();

        page.Shows("web-2");
        Assert.Contains("2 VMs, in order of creation", page.Markup);
        Assert.Contains("192.168.100.3", page.Markup);
        Assert.Contains("1.2 s", page.Markup);
        Assert.Equal(2, page.FindAll("tbody tr[data-vm]").Count);
    }

    [Fact]
    public async Task Without_VMs_it_says_what_to_do()
    {
        await using var controller = await WithVmsAsync();
        await using var context = new DashboardContext(controller);
        await context.FollowAsync();
        context.Render<VmsPage>().Shows("mctl vm create");
    }

    [Fact]
    public async Task The_filter_of_the_address_bar_is_asked_for_and_a_changed_one_goes_there()
    {
        await using var controller = await WithVmsAsync();
        await using var context = new DashboardContext(controller);
        await context.FollowAsync();
        var navigation = context.Services.GetRequiredService<NavigationManager>();
        navigation.NavigateTo("/vms?status=failed&owner=ci");

        var page = context.Render<VmsPage>();

        page.Shows("No VM matches");
        Assert.Contains(controller.Asked, a => a.StartsWith("GET /api/v1/vms?status=failed&owner=ci&limit="));

        await page.InvokeAsync(() => page.Find("form.mc-filter-grid select").Change("running"));
        Assert.EndsWith("/vms?status=running&owner=ci", navigation.Uri);
    }

    [Fact]
    public async Task An_event_of_a_VM_reads_what_is_shown_anew()
    {
        await using var controller = await WithVmsAsync(Samples.Vm(1, "creating"));
        await using var context = new DashboardContext(controller);
        await context.FollowAsync();
        var page = context.Render<VmsPage>();
        page.Shows("creating");

        ReplyWith(controller, Samples.Vm(1));
        await RepeatAsync(
            () => controller.Publish("vm.running", Samples.Vm(1).Id),
            () => page.FindAll("tbody tr[data-vm]").Any(row => row.TextContent.Contains("running"))
        );
    }

    [Fact]
    public async Task A_refusal_is_shown()
    {
        await using var controller = await FakeController.StartAsync();
        controller.Refuse(
            "GET /api/v1/vms",
            new Problem("/problems/store-unavailable", "No.", 503, "The store does not answer.")
        );
        await using var context = new DashboardContext(controller);
        await context.FollowAsync();
        context.Render<VmsPage>().Shows("The store does not answer.");
    }

    [Fact]
    public async Task A_viewer_sees_why_nothing_can_be_changed()
    {
        await using var controller = await WithVmsAsync(Samples.Vm(1));
        controller.ReplyAs("viewer");
        await using var context = new DashboardContext(controller);
        await context.FollowAsync();
        var page = context.Render<VmsPage>();
        page.Shows("web-1");

        Assert.True(page.Button("create-vm").HasAttribute("disabled"));
        Assert.Contains("This needs the role operator; this key has the role viewer.", page.Markup);
    }

    [Fact]
    public async Task Deleting_four_needs_the_number_and_names_what_failed()
    {
        Vm[] vms = [.. Enumerable.Range(1, 4).Select(i => Samples.Vm(i))];
        await using var controller = await WithVmsAsync(vms);
        foreach (var vm in vms)
            controller.Handle($"DELETE /api/v1/vms/{vm.Id}", context => Answer(context, 204));
        controller.Refuse(
            $"DELETE /api/v1/vms/{vms[2].Id}",
            new Problem("/problems/wrong-state", "No.", 409, "It is being created.")
        );
        await using var context = new DashboardContext(controller);
        await context.FollowAsync();
        var page = context.Render<VmsPage>();
        page.Shows("web-4");
        await page.PressAsync("select-all");
        page.Shows("4 selected");

        _ = page.PressAsync("bulk-delete");
        Assert.True(context.Dialogs.Button("bulk-go").HasAttribute("disabled"));
        await context.Dialogs.EnterAsync("bulk-typed", "4");
        await context.Dialogs.PressAsync("bulk-go");

        context.Dialogs.Shows("4 of 4: 3 deleted, 1 failed");
        Assert.Contains("<strong>web-3</strong>: It is being created.", context.Dialogs.Markup);
    }

    [Fact]
    public async Task A_new_VM_is_created_and_what_is_refused_stands_at_its_field()
    {
        await using var controller = await WithVmsAsync();
        controller.Refuse(
            "POST /api/v1/vms",
            new Problem("/problems/name-taken", "No.", 409, "There is a VM \"web\" already.")
        );
        await using var context = new DashboardContext(controller);
        await context.FollowAsync();
        var page = context.Render<VmsPage>();
        page.Shows("mctl vm create");

        _ = page.PressAsync("create-vm");
        context.Dialogs.Button("create-go");
        await context.Dialogs.InvokeAsync(() => context.Dialogs.FindAll("input")[0].Change("web"));
        await context.Dialogs.PressAsync("create-go");
        context.Dialogs.WaitForAssertion(
            () => Assert.Contains("There is a VM", context.Dialogs.Find(".mc-input-error").TextContent),
            Samples.Patience
        );

        controller.Reply("POST /api/v1/vms", Samples.Vm(7, "creating"), ContractsJson.Default.Vm, 202);
        await context.Dialogs.PressAsync("create-go");
        var navigation = context.Services.GetRequiredService<NavigationManager>();
        page.WaitForAssertion(() => Assert.EndsWith("/vms/vm-000000000007", navigation.Uri), Samples.Patience);
        Assert.Contains(controller.Asked, a => a.StartsWith("POST /api/v1/vms {\"name\":\"web\""));
    }

    private static async Task<FakeController> WithVmsAsync(params Vm[] vms)
    {
        var controller = await FakeController.StartAsync();
        controller.ReplyWithStats();
        ReplyWith(controller, vms);
        return controller;
    }

    private static void ReplyWith(FakeController controller, params Vm[] vms) =>
        controller.Reply("GET /api/v1/vms", new VmList(vms, vms.Length, null), ContractsJson.Default.VmList);

    private static Task Answer(Microsoft.AspNetCore.Http.HttpContext context, int status)
    {
        context.Response.StatusCode = status;
        return Task.CompletedTask;
    }

    // A follower that connects late misses what was told before.
    private static async Task RepeatAsync(Action tell, Func<bool> until)
    {
        for (var i = 0; !until(); i++)
        {
            Assert.True(i < 100, "it did not come");
            tell();
            await Task.Delay(200, Xunit.TestContext.Current.CancellationToken);
        }
    }
}
