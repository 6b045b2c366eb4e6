using Deque.AxeCore.Playwright;
using MasterController.LinuxTests.EndToEnd;
using MasterController.LinuxTests.Images;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace MasterController.BrowserTests;

/// <summary>Each view in both themes: it shows its data, breaks no rule of accessibility, and is kept as a picture.</summary>
public sealed class ViewTests(BuiltImage image)
{
    private const string Vm = "{vm}";

    /// <param name="Shows">A selector that matches once the data is there.</param>
    private sealed record View(string Name, string Path, string Shows);

    private static readonly View[] _views =
    [
        new("overview", "/", "main .mc-figure"),
        new("vms", "/vms", "main tr[data-vm]"),
        new("vm", $"/vms/{Vm}", "main dl"),
        new("vm-console", $"/vms/{Vm}?tab=console", "main [data-testid=console]:not(:empty)"),
        new("vm-network", $"/vms/{Vm}?tab=network", "main h2"),
        new("map", "/map", "main canvas[data-ready=true]"),
        new("subnets", "/subnets", "main table[data-testid=subnets] td"),
        new("utilisation", "/utilisation?window=1h", "main .mc-filters"),
        new("grow", "/grow", "main [data-testid=make-plan]"),
        new("external", "/external", "main [data-testid=dedicated-addresses]"),
        new("operations", "/operations", "main [data-operation]"),
        new("events", "/events", "main h1"),
        new("audit", "/events?tab=audit", "main [data-audit]"),
        new("doctor", "/doctor", "main tbody td"),
        new("drift", "/drift", "main dl"),
    ];

    [Fact]
    public async Task Each_view_shows_its_data_and_is_accessible_in_both_themes()
    {
        await using var dashboard = await DashboardUnderTest.StartAsync(
            image,
            "[external]\nipv4 = [\"198.51.100.32/28\"]\n"
        );
        var vm = await dashboard.Host.Api.CreateAsync(new("web", Owner: "shop"));
        await dashboard.Host.Api.CreateAsync(new("job", Owner: "ci"));
        await dashboard.Host.Api.WaitReadyAsync(vm.Id);
        await dashboard.AttachAddressAsync(vm.Id);
        for (var i = 0; i < 40; i++)
            await dashboard.LeaseAsync($"runner-{i}");
        List<string> wrong = [];
        foreach (var theme in (ColorScheme[])[ColorScheme.Light, ColorScheme.Dark])
        {
            var page = await dashboard.OpenAsync("/", theme);
            foreach (var view in _views)
            {
                await page.GotoAsync(dashboard.Url + view.Path.Replace(Vm, vm.Id));
                await Expect(page.Locator(view.Shows).First).ToBeVisibleAsync(new() { Timeout = 60_000 });
                await Expect(page.Locator("main h1")).ToHaveCountAsync(1);
                wrong.AddRange(await ViolationsAsync(page, $"{view.Name}, {theme}"));
                await page.ScreenshotAsync(new() { Path = PictureOf(view.Name, theme) });
            }
        }
        var login = await dashboard.BlankAsync();
        await login.GotoAsync($"{dashboard.Url}/login");
        wrong.AddRange(await ViolationsAsync(login, "log-in"));
        Assert.Empty(wrong);
        Assert.Empty(dashboard.Complaints);
    }

    [Fact]
    public async Task All_views_can_be_reached_and_used_with_the_keyboard_alone()
    {
        await using var dashboard = await DashboardUnderTest.StartAsync(image: null);
        var page = await dashboard.OpenAsync("/doctor");
        await page.Keyboard.PressAsync("Tab");
        var reached = new List<string>();
        for (var i = 0; i < 40; i++)
        {
            var focused = await page.EvaluateAsync<string?>(
                "() => document.activeElement?.getAttribute('href') ?? document.activeElement?.textContent?.trim() ?? null"
            );
            if (focused is not null)
                reached.Add(focused);
            await page.Keyboard.PressAsync("Tab");
        }
        string[] views =
        [
            "/",
            "/vms",
            "/map",
            "/subnets",
            "/utilisation",
            "/grow",
            "/external",
            "/operations",
            "/events",
            "/doctor",
            "/drift",
        ];
        Assert.All(views, view => Assert.Contains(view, reached));
        Assert.Contains("Run again", reached);
    }

    [Fact]
    public async Task The_first_page_weighs_less_than_400_kB_and_nothing_comes_from_elsewhere()
    {
        await using var dashboard = await DashboardUnderTest.StartAsync(image: null);
        var page = await dashboard.BlankAsync();
        var session = await page.Context.NewCDPSessionAsync(page);
        await session.SendAsync("Network.enable");
        var bytes = 0L;
        List<string> asked = [];
        session.Event("Network.loadingFinished").OnEvent += (_, e) =>
            Interlocked.Add(ref bytes, (long)(e?.GetProperty("encodedDataLength").GetDouble() ?? 0));
        page.Request += (_, request) =>
        {
            lock (asked)
                asked.Add(request.Url);
        };

        await page.GotoAsync($"{dashboard.Url}/login");
        await page.GetByLabel("API key").FillAsync(dashboard.Key);
        await page.GetByRole(AriaRole.Button, new() { Name = "Log in" }).ClickAsync();
        await Expect(page.Locator("main .mc-figure").First).ToBeVisibleAsync();
        await page.WaitForLoadStateAsync(LoadState.Load);

        TestContext.Current.TestOutputHelper?.WriteLine($"{Interlocked.Read(ref bytes)} bytes");
        Assert.InRange(Interlocked.Read(ref bytes), 10_000, 400_000);
        lock (asked)
            Assert.All(asked, url => Assert.StartsWith(dashboard.Url, url.Replace("ws://", "http://")));
    }

    /// <summary>Serious and critical ones of the rules of WCAG 2.2 A and AA, with where.</summary>
    private static async Task<IEnumerable<string>> ViolationsAsync(IPage page, string where)
    {
        var result = await page.RunAxe();
        return result
            .Violations.Where(v => v.Impact is "serious" or "critical")
            .Select(v => $"{where}: {v.Id}: {string.Join(" | ", v.Nodes.Take(3).Select(n => n.Html))}");
    }

    private static string PictureOf(string name, ColorScheme theme)
    {
        var folder = Path.Combine(Repository.Root, "out", "screenshots");
        Directory.CreateDirectory(folder);
        return Path.Combine(folder, $"{name}-{theme.ToString().ToLowerInvariant()}.png");
    }
}
