using System.Diagnostics;
using Microsoft.Playwright;

namespace MasterController.BrowserBench;

/// <summary>A view and the sign that it shows what it is about.</summary>
/// <param name="Shows">A selector that matches once the data is there.</param>
internal sealed record View(string Name, string Href, string Shows)
{
    public static IReadOnlyList<View> All { get; } =
    [
        new("Overview", "/", "main .mc-figure"),
        new("VMs", "/vms", "main h1"),
        new("Address space", "/map", "main canvas[data-ready=true]"),
        new("Subnets", "/subnets", "main [data-testid=subnets] td"),
        new("Utilisation", "/utilisation", "main [data-testid=utilisation-chart][data-ready=true]"),
        new("Grow the pool", "/grow", "main h1"),
        new("External access", "/external", "main h1"),
        new("Operations", "/operations", "main h1"),
        new("Events and audit", "/events", "main [data-event]"),
        new("Doctor", "/doctor", "main h1"),
        new("Drift", "/drift", "main h1"),
    ];

    /// <summary>From the click on its link until it shows its data, and nothing on it is still on its way; milliseconds.</summary>
    public async Task<double> OpenAsync(IPage page)
    {
        await page.Locator($"nav a[href='{Href}']").First.WaitForAsync();
        var began = Stopwatch.GetTimestamp();
        await page.Locator($"nav a[href='{Href}']").First.ClickAsync();
        await page.WaitForFunctionAsync(
            """
            ([path, shows]) => location.pathname === path && document.querySelector(shows)
                && !document.querySelector("main [aria-busy=true], main .mud-progress-linear, main .mud-progress-circular")
            """,
            new[] { Href, Shows }
        );
        return Stopwatch.GetElapsedTime(began).TotalMilliseconds;
    }
}
