using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using MasterController.Contracts;
using MasterController.LinuxTests.EndToEnd;
using MasterController.LinuxTests.Images;
using Microsoft.Playwright;

namespace MasterController.BrowserTests;

/// <summary>
/// A controller in network namespaces of its own, the built dashboard beside it as user nobody on loopback, and Chromium:
/// what an operator has.
/// </summary>
public sealed class DashboardUnderTest : IAsyncDisposable
{
    private const string Chromium = "/usr/bin/chromium";
    private const string Nobody = "65534";

    private readonly List<string> _complaints = [];
    private Process? _dashboard;
    private IPlaywright? _playwright;
    private IBrowser? _browser;

    private DashboardUnderTest(TestHost host) => Host = host;

    public TestHost Host { get; }

    public string Url { get; private set; } = "";

    /// <summary>A key of an administrator.</summary>
    public string Key { get; private set; } = "";

    /// <summary>Errors in pages' consoles; scripts and styles that the policy refused among them.</summary>
    public IReadOnlyList<string> Complaints
    {
        get
        {
            lock (_complaints)
                return [.. _complaints];
        }
    }

    public static async Task<DashboardUnderTest> StartAsync(BuiltImage? image, string toml = "")
    {
        var host = await TestHost.StartAsync(image, toml);
        var dashboard = new DashboardUnderTest(host);
        try
        {
            dashboard.Key = await dashboard.CreateKeyAsync("browser", "admin");
            await dashboard.ServeAsync();
            dashboard._playwright = await Playwright.CreateAsync();
            dashboard._browser = await dashboard._playwright.Chromium.LaunchAsync(
                new BrowserTypeLaunchOptions { ExecutablePath = Chromium, Args = ["--no-sandbox"] }
            );
            return dashboard;
        }
        catch
        {
            await dashboard.DisposeAsync();
            throw;
        }
    }

    public async Task<string> CreateKeyAsync(string name, string role, string? owner = null)
    {
        var created = await Host.Api.SendAsync(
            HttpMethod.Post,
            "keys",
            HttpStatusCode.Created,
            ContractsJson.Default.CreatedApiKey,
            ApiClient.Body(new CreateApiKeyRequest(name, role, owner), ContractsJson.Default.CreateApiKeyRequest)
        );
        return created.Secret;
    }

    public Task<Lease> LeaseAsync(string owner, string? address = null) =>
        Host.Api.SendAsync(
            HttpMethod.Post,
            "pools/default/leases",
            HttpStatusCode.Created,
            ContractsJson.Default.Lease,
            ApiClient.Body(new CreateLeaseRequest(owner, address), ContractsJson.Default.CreateLeaseRequest)
        );

    /// <summary>Gives a VM a one-to-one address.</summary>
    public Task<ExternalChange> AttachAddressAsync(string vm) =>
        Host.Api.SendAsync(
            HttpMethod.Post,
            $"vms/{vm}/addresses",
            HttpStatusCode.OK,
            ContractsJson.Default.ExternalChange,
            ApiClient.Body(new AttachAddressRequest(), ContractsJson.Default.AttachAddressRequest)
        );

    /// <summary>A page that is logged in and shows a view.</summary>
    public async Task<IPage> OpenAsync(string path = "/", ColorScheme theme = ColorScheme.Light, string? key = null)
    {
        var page = await BlankAsync(theme);
        await page.GotoAsync($"{Url}/login?to={Uri.EscapeDataString(path)}");
        await page.GetByLabel("API key").FillAsync(key ?? Key);
        await page.GetByRole(AriaRole.Button, new() { Name = "Log in" }).ClickAsync();
        await page.Locator("h1").First.WaitForAsync();
        return page;
    }

    /// <summary>A page of a browser that has never been here.</summary>
    public async Task<IPage> BlankAsync(ColorScheme theme = ColorScheme.Light)
    {
        var context = await _browser!.NewContextAsync(
            new()
            {
                ColorScheme = theme,
                ViewportSize = new() { Width = 1400, Height = 900 },
                ReducedMotion = ReducedMotion.Reduce,
            }
        );
        context.SetDefaultTimeout(60_000);
        var page = await context.NewPageAsync();
        page.Console += (_, message) =>
        {
            if (message.Type == "error")
                Complain($"{page.Url}: {message.Text}");
        };
        page.PageError += (_, error) => Complain($"{page.Url}: {error}");
        return page;
    }

    public async ValueTask DisposeAsync()
    {
        if (_browser is not null)
            await _browser.DisposeAsync();
        _playwright?.Dispose();
        if (_dashboard is not null)
        {
            _dashboard.Kill();
            await _dashboard.WaitForExitAsync();
            _dashboard.Dispose();
        }
        await Host.DisposeAsync();
    }

    private async Task ServeAsync()
    {
        // Nobody may be kept out of the folder that the repository is in.
        var copy = Path.Combine(Host.Directory, "dashboard");
        Host.Run("cp", "--archive", Path.Combine(Repository.Root, "out", "dashboard"), copy);
        var port = FreePort();
        Url = $"http://127.0.0.1:{port}";
        string[] command =
        [
            "--reuid",
            Nobody,
            "--regid",
            Nobody,
            "--clear-groups",
            "--no-new-privs",
            "--bounding-set=-all",
            Path.Combine(copy, "master-controller-dashboard"),
            "--socket",
            Host.Socket,
            "--listen",
            $"127.0.0.1:{port}",
        ];
        _dashboard = Process.Start(
            new ProcessStartInfo("setpriv", command) { RedirectStandardOutput = true, RedirectStandardError = true }
        )!;
        _dashboard.OutputDataReceived += (_, _) => { };
        _dashboard.ErrorDataReceived += (_, _) => { };
        _dashboard.BeginOutputReadLine();
        _dashboard.BeginErrorReadLine();
        using var http = new HttpClient();
        await Eventually.TrueAsync(
            async () =>
            {
                Assert.False(_dashboard.HasExited, "the dashboard has ended");
                try
                {
                    return (await http.GetAsync($"{Url}/login")).IsSuccessStatusCode;
                }
                catch (HttpRequestException)
                {
                    return false;
                }
            },
            "the dashboard answers"
        );
    }

    private void Complain(string text)
    {
        lock (_complaints)
            _complaints.Add(text);
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
