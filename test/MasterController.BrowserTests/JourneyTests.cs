using MasterController.LinuxTests.Images;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace MasterController.BrowserTests;

/// <summary>What an operator does in a day, on real parts: a real controller, real VMs, a real browser.</summary>
public sealed class JourneyTests(BuiltImage image)
{
    [Fact]
    public async Task A_VM_is_created_watched_and_found_and_the_pool_grows_under_it_and_goes_back()
    {
        await using var dashboard = await DashboardUnderTest.StartAsync(image);
        var page = await dashboard.OpenAsync("/vms");

        await CreateAsync(page, name: "web");
        // One that is made alone is shown.
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "web" })).ToBeVisibleAsync();
        await Expect(page.Locator("header.mc-header")).ToContainTextAsync("running", Slow);
        await page.GetByRole(AriaRole.Link, new() { Name = "Console" }).ClickAsync();
        // What the golden image's init says when it is through.
        await Expect(page.GetByTestId("console")).ToContainTextAsync("ready", Slow);
        var vm = Assert.Single(await dashboard.Host.Api.VmsAsync());

        await FindOnMapAsync(page, dashboard.Url, vm.Address);
        await page.GetByTestId("address-panel").GetByRole(AriaRole.Link, new() { Name = "web" }).ClickAsync();
        await Expect(page).ToHaveURLAsync($"{dashboard.Url}/vms/{vm.Id}");

        await page.GotoAsync($"{dashboard.Url}/grow");
        await page.GetByTestId("target-192.168.0.0/16").ClickAsync();
        await page.GetByTestId("make-plan").ClickAsync();
        await Expect(page.Locator("main")).ToContainTextAsync("65,533");
        await ConfirmPlanAsync(page, "192.168.0.0/16");
        await Expect(page.GetByTestId("operation-outcome")).ToContainTextAsync("Proven", Slow);
        Assert.Equal("192.168.0.0/16", (await dashboard.Host.Api.PoolAsync()).Ranges[0].Cidr);

        await page.GetByTestId("roll-back").ClickAsync();
        await ConfirmPlanAsync(page, "192.168.100.0/24");
        await Expect(page.GetByTestId("operation-steps"))
            .ToHaveAttributeAsync("data-status", "succeeded", new() { Timeout = 60_000 });
        Assert.Equal("192.168.100.0/24", (await dashboard.Host.Api.PoolAsync()).Ranges[0].Cidr);
        Assert.Equal(vm.Pid, (await dashboard.Host.Api.VmAsync(vm.Id)).Pid);
        Assert.Empty(dashboard.Complaints);
    }

    [Fact]
    public async Task A_rollback_that_is_not_possible_says_whose_lease_is_in_the_way()
    {
        await using var dashboard = await DashboardUnderTest.StartAsync(image: null);
        var page = await dashboard.OpenAsync("/grow?to=192.168.0.0/16");
        await page.GetByTestId("make-plan").ClickAsync();
        await ConfirmPlanAsync(page, "192.168.0.0/16");
        await Expect(page.GetByTestId("rollback-panel").GetByTestId("roll-back"))
            .ToBeEnabledAsync(new() { Timeout = 60_000 });

        await dashboard.LeaseAsync("printer", "192.168.7.7");

        await Expect(page.GetByTestId("roll-back")).ToBeDisabledAsync(new() { Timeout = 60_000 });
        await Expect(page.GetByTestId("leases-outside")).ToContainTextAsync("192.168.7.7");
        await Expect(page.GetByTestId("leases-outside")).ToContainTextAsync("printer");
    }

    [Fact]
    public async Task Many_VMs_are_filtered_and_deleted_at_once()
    {
        await using var dashboard = await DashboardUnderTest.StartAsync(image);
        var page = await dashboard.OpenAsync("/vms");
        await CreateAsync(page, name: "keep");
        await page.GetByRole(AriaRole.Link, new() { Name = "All VMs" }).ClickAsync();
        await CreateAsync(page, name: "job", owner: "ci", count: 4);
        await Expect(page.Locator("tr[data-vm]")).ToHaveCountAsync(5, new() { Timeout = 60_000 });

        await page.GetByRole(AriaRole.Search).GetByLabel("Owner").FillAsync("ci");
        await page.Keyboard.PressAsync("Enter");
        await Expect(page).ToHaveURLAsync($"{dashboard.Url}/vms?owner=ci");
        await Expect(page.Locator("tr[data-vm]")).ToHaveCountAsync(4);
        await page.GetByTestId("select-all").ClickAsync();
        await Expect(page.GetByTestId("selected")).ToHaveTextAsync("4 selected");
        await page.GetByTestId("bulk-delete").ClickAsync();
        await Expect(page.GetByTestId("bulk-go")).ToBeDisabledAsync();
        await page.GetByTestId("bulk-typed").FillAsync("4");
        await page.GetByTestId("bulk-go").ClickAsync();

        await Expect(page.Locator("tr[data-vm]")).ToHaveCountAsync(0, new() { Timeout = 60_000 });
        Assert.Equal("keep", Assert.Single(await dashboard.Host.Api.VmsAsync()).Name);
        Assert.Empty(dashboard.Complaints);
    }

    [Fact]
    public async Task A_controller_that_is_lost_is_said_to_be_so_until_it_is_back()
    {
        await using var dashboard = await DashboardUnderTest.StartAsync(image: null);
        var page = await dashboard.OpenAsync();
        await Expect(page.Locator("main .mc-figure").First).ToBeVisibleAsync();
        var banner = page.GetByRole(AriaRole.Alert).Filter(new() { HasText = "Connection lost" });

        await dashboard.Host.KillControllerAsync();
        await Expect(banner).ToContainTextAsync("s old", Slow);

        await dashboard.Host.StartControllerAsync();
        await Expect(banner).ToBeHiddenAsync(new() { Timeout = 60_000 });
        await Expect(page.Locator("main .mc-figure").First).ToBeVisibleAsync();
    }

    private static LocatorAssertionsToContainTextOptions Slow => new() { Timeout = 60_000 };

    private static async Task CreateAsync(IPage page, string name, string? owner = null, int? count = null)
    {
        await page.GetByTestId("create-vm").ClickAsync();
        var dialog = page.GetByRole(AriaRole.Dialog);
        await dialog.GetByLabel("Name").FillAsync(name);
        if (owner is not null)
            await dialog.GetByLabel("Owner").FillAsync(owner);
        if (count is { } many)
            await dialog.GetByLabel("How many").FillAsync($"{many}");
        // A field is read when it is left.
        await page.Keyboard.PressAsync("Tab");
        await dialog.GetByTestId("create-go").ClickAsync();
        await Expect(dialog).ToBeHiddenAsync(new() { Timeout = 60_000 });
    }

    private static async Task ConfirmPlanAsync(IPage page, string network)
    {
        await Expect(page.GetByTestId("apply-plan")).ToBeDisabledAsync();
        await page.GetByTestId("confirm-plan").FillAsync(network);
        await page.GetByTestId("apply-plan").ClickAsync();
        await Expect(page.GetByTestId("operation-steps")).ToBeVisibleAsync();
    }

    private static async Task FindOnMapAsync(IPage page, string url, string address)
    {
        await page.GotoAsync($"{url}/map");
        var map = page.GetByTestId("address-map");
        await Expect(map).ToHaveAttributeAsync("data-ready", "true");
        await page.GetByLabel("Find an address or VM").FillAsync(address);
        await page.Keyboard.PressAsync("Enter");
        await Expect(map).ToHaveAttributeAsync("data-found", address);
        await Expect(page.GetByTestId("address-state")).ToContainTextAsync("leased");
    }
}
