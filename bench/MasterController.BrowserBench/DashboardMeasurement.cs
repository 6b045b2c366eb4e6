using System.Diagnostics;
using MasterController.Bench;
using MasterController.Bench.Reports;
using Microsoft.Playwright;

namespace MasterController.BrowserBench;

/// <summary>
/// How long each view takes in Chromium with 65,533 leases beside 100, from the click to what it shows, and what the first
/// page weighs on the wire.
/// </summary>
internal sealed class DashboardMeasurement(Workplace workplace)
{
    private const int Few = 100;
    private const int Many = 65_533;
    private const int Runs = 9;

    /// <summary>In kB of 1,000 bytes.</summary>
    private const double MostWeight = 400;

    private static readonly Goal _atMostTwice = new(AtMost: 2);

    public async Task<Report> RunAsync()
    {
        var before = Machine.Read();
        using var playwright = await Playwright.CreateAsync();
        var few = await MeasureAsync(playwright, Few);
        var many = await MeasureAsync(playwright, Many);
        var findings = new Findings();
        foreach (var view in View.All)
        {
            findings.Compare(
                findings.Add(Figure.Of($"{view.Name}: {Many:N0} leases", "ms", many.Times[view])),
                findings.Add(Figure.Of($"{view.Name}: {Few} leases", "ms", few.Times[view])),
                _atMostTwice
            );
        }
        var weight = findings.Add(Figure.Of("first page, on the wire", "kB", many.Weight / 1000.0));
        findings.Compare(
            weight,
            findings.Add(Figure.Of("the limit of a first page", "kB", MostWeight)),
            new Goal(AtMost: 1)
        );
        findings.Add(Figure.Of($"first page until it shows figures: {Many:N0} leases", "ms", many.FirstPage));
        findings.Add(Figure.Of("metrics: samples of a scrape", "", many.Samples));
        findings.Add(Figure.Of("metrics: a scrape", "ms", many.Scrapes));
        return new Report(
            "dashboard",
            TimeProvider.System.GetUtcNow(),
            before,
            Machine.Read(),
            findings.Figures,
            findings.Comparisons
        );
    }

    private async Task<Measured> MeasureAsync(IPlaywright playwright, int leases)
    {
        await using var host = await DashboardHost.StartAsync(workplace, $"dashboard-{leases}");
        await host.LeaseAsync(leases);
        await host.WaitForSampleAsync();
        await using var browser = await playwright.Chromium.LaunchAsync(
            new() { ExecutablePath = "/usr/bin/chromium", Args = ["--no-sandbox"] }
        );
        var (firstPage, weight) = await FirstPageAsync(browser, host);
        var page = await browser.NewPageAsync(
            new()
            {
                ViewportSize = new() { Width = 1400, Height = 900 },
            }
        );
        await LogInAsync(page, host);
        var times = View.All.ToDictionary(v => v, _ => new List<double>());
        // The first round also compiles what renders the view.
        for (var run = -1; run < Runs; run++)
        {
            foreach (var view in View.All)
            {
                var took = await view.OpenAsync(page);
                if (run >= 0)
                    times[view].Add(took);
            }
        }
        var (scrapes, samples) = await host.ScrapeAsync(Runs);
        return new Measured(times, weight, firstPage, scrapes, samples);
    }

    /// <summary>With an empty cache, from the log-in button on; all that came over the wire until then counts as well.</summary>
    private static async Task<(double Milliseconds, long Bytes)> FirstPageAsync(IBrowser browser, DashboardHost host)
    {
        await using var context = await browser.NewContextAsync();
        var page = await context.NewPageAsync();
        var session = await context.NewCDPSessionAsync(page);
        await session.SendAsync("Network.enable");
        var bytes = 0L;
        session.Event("Network.loadingFinished").OnEvent += (_, e) =>
            Interlocked.Add(ref bytes, (long)(e?.GetProperty("encodedDataLength").GetDouble() ?? 0));
        await page.GotoAsync($"{host.Url}/login");
        await page.GetByLabel("API key").FillAsync(host.Key);
        var began = Stopwatch.GetTimestamp();
        await page.GetByRole(AriaRole.Button, new() { Name = "Log in" }).ClickAsync();
        await page.WaitForSelectorAsync(View.All[0].Shows);
        var took = Stopwatch.GetElapsedTime(began).TotalMilliseconds;
        await page.WaitForLoadStateAsync(LoadState.Load);
        return (took, Interlocked.Read(ref bytes));
    }

    private static async Task LogInAsync(IPage page, DashboardHost host)
    {
        await page.GotoAsync($"{host.Url}/login");
        await page.GetByLabel("API key").FillAsync(host.Key);
        await page.GetByRole(AriaRole.Button, new() { Name = "Log in" }).ClickAsync();
        await page.WaitForSelectorAsync(View.All[0].Shows);
    }

    private sealed record Measured(
        IReadOnlyDictionary<View, List<double>> Times,
        long Weight,
        double FirstPage,
        IReadOnlyList<double> Scrapes,
        double Samples
    );
}
