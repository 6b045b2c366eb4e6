using Bunit;
using MasterController.Contracts;
using MasterController.Dashboard.Components.Map;
using MasterController.Dashboard.Components.Pages;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace MasterController.DashboardTests.Pages;

public class AddressSpaceTests
{
    [Fact]
    public async Task The_map_is_there_in_words_too()
    {
        await using var controller = await FakeController.StartAsync();
        controller.HasPools(ViewSamples.Pool());
        controller.HasMap();
        await using var context = new DashboardContext(controller);
        var page = context.Render<AddressSpace>();

        page.WaitForAssertion(() => Assert.Equal("2", page.Find("[data-state=leased]").GetAttribute("data-count")));
        Assert.Equal("192.168.100.0/24", page.Find("[data-testid=map-network]").TextContent);
        Assert.Contains("2 of 253 addresses used", page.Markup);
    }

    [Fact]
    public async Task Without_a_pool_it_says_how_one_is_made()
    {
        await using var controller = await FakeController.StartAsync();
        controller.HasPools();
        await using var context = new DashboardContext(controller);
        var page = context.Render<AddressSpace>();
        page.WaitForAssertion(() => Assert.Contains("mctl pool create", page.Markup));
    }

    [Fact]
    public async Task A_network_that_is_refused_is_named()
    {
        await using var controller = await FakeController.StartAsync();
        controller.HasPools(ViewSamples.Pool());
        controller.Refuse(
            "GET /api/v1/pools/default/map",
            new Problem(
                "/problems/invalid-request",
                "The request is not valid.",
                400,
                Errors: new Dictionary<string, string[]> { ["network"] = ["\"x\" is not a network"] }
            )
        );
        await using var context = new DashboardContext(controller);
        At(context, "map?network=x");
        var page = context.Render<AddressSpace>();
        page.WaitForAssertion(() =>
            Assert.Contains("\"x\" is not a network", page.Find("[role=alert] li").TextContent)
        );
    }

    [Fact]
    public async Task An_address_that_is_looked_at_has_its_vm_beside_the_map()
    {
        await using var controller = await FakeController.StartAsync();
        controller.HasPools(ViewSamples.Pool());
        controller.HasMap();
        controller.HasAddress("192.168.100.2", "default", "leased", "web");
        await using var context = new DashboardContext(controller);
        At(context, "map?address=192.168.100.2");
        var page = context.Render<AddressSpace>();
        page.WaitForAssertion(() =>
            Assert.Equal("/vms/vm-1", page.Find("[data-testid=address-panel] a").GetAttribute("href"))
        );
    }

    [Theory]
    [InlineData("nonsense", "\"nonsense\" is neither an IPv4 address nor a VM.")]
    [InlineData("192.168.1.256", "\"192.168.1.256\" is neither an IPv4 address nor a VM.")]
    [InlineData("", "Type an IPv4 address, or the name of a VM.")]
    [InlineData("203.0.113.9", "203.0.113.9 lies in no pool.")]
    public async Task What_cannot_be_found_is_named(string wanted, string expected)
    {
        await using var controller = await FakeController.StartAsync();
        controller.HasPools(ViewSamples.Pool());
        controller.HasMap();
        controller.HasAddress("203.0.113.9", null, "outside-pools", null);
        await using var context = new DashboardContext(controller);
        var page = context.Render<AddressSpace>();
        page.WaitForElement("[data-testid=map-network]");
        await page.InvokeAsync(() => page.Find("#find-address").Change(wanted));
        await page.InvokeAsync(() => page.Find("form").SubmitAsync());
        page.WaitForAssertion(() => Assert.Equal(expected, page.Find("#find-wrong").TextContent));
    }

    [Fact]
    public async Task What_is_found_goes_to_the_address_bar_by_address_and_by_vm()
    {
        await using var controller = await FakeController.StartAsync();
        controller.HasPools(ViewSamples.Pool(), ViewSamples.Pool("lab"));
        controller.HasMap();
        controller.HasAddress("10.1.2.3", "lab", "leased", "web");
        await using var context = new DashboardContext(controller);
        var page = context.Render<AddressSpace>();
        page.WaitForElement("[data-testid=map-network]");
        await page.InvokeAsync(() =>
            page.Find("#find-address").ChangeAsync(new ChangeEventArgs { Value = " 10.1.2.3 " })
        );
        await page.InvokeAsync(() => page.Find("form").SubmitAsync());
        page.WaitForAssertion(() =>
            Assert.Contains(
                "pool=lab&network=10.1.2.0%2F24&address=10.1.2.3",
                context.Services.GetRequiredService<NavigationManager>().Uri
            )
        );
    }

    [Fact]
    public async Task Cells_lead_into_their_network_and_single_addresses_to_the_panel()
    {
        await using var controller = await FakeController.StartAsync();
        controller.HasPools(ViewSamples.Pool());
        controller.HasMap();
        await using var context = new DashboardContext(controller);
        var page = context.Render<AddressSpace>();
        page.WaitForElement("[data-testid=map-network]");
        var canvas = page.FindComponent<AddressCanvas>();
        await page.InvokeAsync(() => canvas.Instance.ActivateAsync("192.168.100.7"));
        Assert.EndsWith("?address=192.168.100.7", context.Services.GetRequiredService<NavigationManager>().Uri);
        // The browser is not trusted to send only addresses.
        await page.InvokeAsync(() => canvas.Instance.ActivateAsync("../vms"));
        Assert.Null(await canvas.Instance.OwnerAsync("../vms"));
        Assert.EndsWith("?address=192.168.100.7", context.Services.GetRequiredService<NavigationManager>().Uri);
    }

    [Fact]
    public async Task What_happens_to_leases_is_seen_soon()
    {
        await using var controller = await FakeController.StartAsync();
        controller.HasPools(ViewSamples.Pool());
        controller.HasMap(leased: 2);
        await using var context = new DashboardContext(controller);
        await context.FollowAsync();
        var page = context.Render<AddressSpace>();
        page.WaitForElement("[data-state=leased]");
        controller.HasMap(leased: 9);
        page.WaitForAssertion(
            () =>
            {
                controller.Publish("lease.granted", "192.168.100.4");
                Assert.Equal("9", page.Find("[data-state=leased]").GetAttribute("data-count"));
            },
            TimeSpan.FromSeconds(10)
        );
    }

    internal static void At(DashboardContext context, string uri) =>
        context.Services.GetRequiredService<NavigationManager>().NavigateTo(uri);
}
