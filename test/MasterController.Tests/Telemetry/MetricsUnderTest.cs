using System.Net.Sockets;
using MasterController.Core.Addressing;
using MasterController.Core.HostNetwork;
using MasterController.Core.HostNetwork.Drift;
using MasterController.Core.HostNetwork.Traffic;
using MasterController.Core.Statistics;
using MasterController.Core.Store;
using MasterController.Core.Utilisation;
using MasterController.Core.Vms;
using MasterController.Daemon.Telemetry;
using MasterController.Linux.Addresses;
using MasterController.Linux.Netlink;
using MasterController.Tests.Addressing;
using MasterController.Tests.HostNetwork.Drift;
using MasterController.Tests.Vms;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace MasterController.Tests.Telemetry;

/// <summary>The real exporter over a pool, VMs and a network that a test has made; nothing else of the controller.</summary>
internal sealed class MetricsUnderTest : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly DirectoryInfo _directory;
    private readonly HttpClient _client;

    private MetricsUnderTest(WebApplication app, DirectoryInfo directory, HttpClient client)
    {
        (_app, _directory, _client) = (app, directory, client);
    }

    public NetworkReconciler Reconciler => _app.Services.GetRequiredService<NetworkReconciler>();

    public static async Task<MetricsUnderTest> StartAsync(
        PoolFixture pools,
        ScriptedNetwork network,
        IReadOnlyList<VmRecord> vms
    )
    {
        var directory = Directory.CreateTempSubdirectory("mc-metrics-");
        var socket = Path.Combine(directory.FullName, "s");
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.ListenUnixSocket(socket));
        var services = builder.Services;
        services.AddSingleton<TimeProvider>(pools.Clock);
        services.AddSingleton(pools.Events);
        services.AddSingleton(pools.Directory);
        services.AddSingleton<IStateStore>(pools.Store);
        services.AddSingleton<IStateHistory>(pools.Store);
        services.AddSingleton<UtilisationHistory>();
        services.AddSingleton<BackgroundWork>();
        services.AddSingleton<IHostNetwork>(network);
        services.AddSingleton<NetworkReconciler>();
        services.AddSingleton<TrafficTotals>();
        services.AddSingleton<Func<IReadOnlyList<VmRecord>>>(() => vms);
        TelemetryServices.AddMetrics(services, directory.FullName);
        var app = builder.Build();
        TelemetryServices.Map(app);
        await app.StartAsync();
        var client = new HttpClient(
            new SocketsHttpHandler
            {
                ConnectCallback = async (_, cancellationToken) =>
                {
                    var connection = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                    await connection.ConnectAsync(new UnixDomainSocketEndPoint(socket), cancellationToken);
                    return new NetworkStream(connection, ownsSocket: true);
                },
            }
        );
        return new MetricsUnderTest(app, directory, client);
    }

    public async Task<Scrape> ScrapeAsync() =>
        new(await _client.GetStringAsync("http://localhost/metrics", Xunit.TestContext.Current.CancellationToken));

    /// <summary>What is read in the background is there at a later scrape.</summary>
    public async Task<Scrape> ScrapeUntilAsync(Func<Scrape, bool> isSo)
    {
        while (true)
        {
            var scrape = await ScrapeAsync();
            if (isSo(scrape))
                return scrape;
            // The exporter answers from what it has for 300 ms.
            await Task.Delay(350, Xunit.TestContext.Current.CancellationToken);
        }
    }

    /// <summary>One for each address, of two types, every tenth failed.</summary>
    public static IReadOnlyList<VmRecord> Vms(IEnumerable<Ipv4Address> addresses) =>
        [
            .. addresses.Select(
                (address, i) =>
                    TestVms.Record($"vm-{i}", status: i % 10 == 9 ? VmStatus.Failed : VmStatus.Running) with
                    {
                        Address = address,
                        Type = i % 3 == 0 ? "browser" : "cli",
                    }
            ),
        ];

    public static Dictionary<Ipv4Address, GuestTraffic> Traffic(IEnumerable<Ipv4Address> addresses) =>
        addresses
            .Select((address, i) => (address, Bytes: (long)i))
            .ToDictionary(
                t => t.address,
                t => new GuestTraffic(new LinkCounters(1, t.Bytes, 0), new LinkCounters(2, 2 * t.Bytes, 0))
            );

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
        _directory.Delete(recursive: true);
    }
}
