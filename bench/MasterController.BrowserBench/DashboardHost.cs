using System.Diagnostics;
using System.Net.Http.Json;
using MasterController.Bench;
using MasterController.Bench.Subjects;
using MasterController.Contracts;

namespace MasterController.BrowserBench;

/// <summary>A controller whose pool is a /16, and a dashboard beside it.</summary>
internal sealed class DashboardHost : IAsyncDisposable
{
    private const int Callers = 32;

    /// <summary>The exporter answers with what it has for a shorter time than this.</summary>
    private static readonly TimeSpan BetweenScrapes = TimeSpan.FromSeconds(1);

    private const int Port = 8480;

    private readonly Controller _controller;
    private readonly Process _dashboard;

    private DashboardHost(Controller controller, Process dashboard, string key) =>
        (_controller, _dashboard, Key) = (controller, dashboard, key);

    public string Url { get; } = $"http://127.0.0.1:{Port}";

    public string Key { get; }

    public static async Task<DashboardHost> StartAsync(Workplace workplace, string name)
    {
        var controller = await Controller.StartAsync(workplace, workplace.NewDirectory(name));
        var created = await PostAsync(controller.Http, "keys", new CreateApiKeyRequest("bench", "admin"));
        var key = (await created.Content.ReadFromJsonAsync(ContractsJson.Default.CreatedApiKey))!.Secret;
        (await controller.Http.DeleteAsync("/api/v1/pools/default")).EnsureSuccessStatusCode();
        await PostAsync(
            controller.Http,
            "pools",
            new CreatePoolRequest("default", [new PoolRangeRequest("192.168.0.0/16")])
        );
        var dashboard = Process.Start(
            new ProcessStartInfo(
                Path.Combine(workplace.Repository, "out/dashboard/master-controller-dashboard"),
                ["--socket", controller.Socket, "--listen", $"127.0.0.1:{Port}"]
            )
            {
                RedirectStandardOutput = true,
            }
        )!;
        dashboard.OutputDataReceived += (_, _) => { };
        dashboard.BeginOutputReadLine();
        var host = new DashboardHost(controller, dashboard, key);
        await host.AnswersAsync();
        return host;
    }

    /// <summary>Leases so many addresses over the socket, some callers at a time.</summary>
    public async Task LeaseAsync(int leases) =>
        await Parallel.ForEachAsync(
            Enumerable.Range(0, leases),
            new ParallelOptions { MaxDegreeOfParallelism = Callers },
            async (i, _) =>
                (
                    await PostAsync(_controller.Http, "pools/default/leases", new CreateLeaseRequest($"owner-{i:D5}"))
                ).Dispose()
        );

    /// <summary>Ends when there is a sample of the pool to be drawn, which is taken each full minute.</summary>
    public async Task WaitForSampleAsync()
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(90));
        while (
            await _controller.Http.GetFromJsonAsync(
                "/api/v1/pools/default/utilisation?interval=minute",
                ContractsJson.Default.UtilisationSeries,
                deadline.Token
            )
                is not { Items.Count: > 0 }
        )
            await Task.Delay(500, deadline.Token);
    }

    /// <summary>Each scrape's milliseconds, and how many samples the last one had.</summary>
    public async Task<(IReadOnlyList<double> Milliseconds, double Samples)> ScrapeAsync(int runs)
    {
        List<double> times = [];
        var samples = 0;
        for (var run = 0; run < runs; run++)
        {
            await Task.Delay(BetweenScrapes);
            var began = Stopwatch.GetTimestamp();
            var text = await _controller.Http.GetStringAsync("/metrics");
            times.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
            samples = text.Split('\n').Count(line => line.Length > 0 && line[0] != '#');
        }
        return (times, samples);
    }

    public async ValueTask DisposeAsync()
    {
        _dashboard.Kill();
        await _dashboard.WaitForExitAsync();
        _dashboard.Dispose();
        await _controller.DisposeAsync();
    }

    private async Task AnswersAsync()
    {
        using var http = new HttpClient();
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (true)
        {
            try
            {
                (await http.GetAsync($"{Url}/login", deadline.Token)).EnsureSuccessStatusCode();
                return;
            }
            catch (HttpRequestException)
            {
                await Task.Delay(50, deadline.Token);
            }
        }
    }

    private static async Task<HttpResponseMessage> PostAsync<T>(HttpClient http, string path, T body)
    {
        var answer = await http.PostAsJsonAsync($"/api/v1/{path}", body, ContractsJson.Default.Options);
        return answer.IsSuccessStatusCode
            ? answer
            : throw new InvalidOperationException(await answer.Content.ReadAsStringAsync());
    }
}
