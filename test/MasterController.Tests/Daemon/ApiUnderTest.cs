using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using MasterController.Contracts;
using MasterController.Core.Access;
using MasterController.Core.AddressHistory;
using MasterController.Core.Addressing;
using MasterController.Core.Diagnostics;
using MasterController.Core.Events;
using MasterController.Core.External;
using MasterController.Core.HostNetwork;
using MasterController.Core.HostNetwork.Dedicated;
using MasterController.Core.Hypervisors;
using MasterController.Core.Images;
using MasterController.Core.Operations;
using MasterController.Core.Store;
using MasterController.Core.Utilisation;
using MasterController.Core.Vms;
using MasterController.Daemon.Access;
using MasterController.Daemon.Hosting;
using MasterController.Daemon.Requests;
using MasterController.Linux.Processes;
using MasterController.Tests.Store;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace MasterController.Tests.Daemon;

/// <summary>
/// The real HTTP server with the real endpoints on a Unix socket, in network mode "none": pools and leases work, VMs are
/// refused. The parts that need a host are not there.
/// </summary>
internal sealed class ApiUnderTest : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly DirectoryInfo _directory;

    private readonly string _socket;
    private readonly Uri _tcp;

    private ApiUnderTest(WebApplication app, DirectoryInfo directory, string socket, Uri tcp)
    {
        (_app, _directory, _socket, _tcp) = (app, directory, socket, tcp);
        Client = ClientOf(new Uri("http://localhost/"), socket, secret: null);
    }

    /// <summary>Over the Unix socket and without a key: the user that the test runs as, who may do everything.</summary>
    public HttpClient Client { get; }

    public InMemoryStateStore Store { get; private init; } = null!;

    public EventHub Events { get; private init; } = null!;

    public OperationJournal Journal { get; private init; } = null!;

    public EventJournal StoredEvents { get; private init; } = null!;

    public IReadOnlyList<Endpoint> Endpoints => _app.Services.GetRequiredService<EndpointDataSource>().Endpoints;

    public Readiness Readiness { get; private init; } = null!;

    public PoolDirectory Pools { get; private init; } = null!;

    /// <summary>Over TCP, where nobody is known without a key.</summary>
    public HttpClient Tcp(string? secret = null) => ClientOf(_tcp, socket: null, secret);

    /// <summary>Over the Unix socket, with a key.</summary>
    public HttpClient WithKey(string secret) => ClientOf(new Uri("http://localhost/"), _socket, secret);

    /// <summary>Makes a key and gives its secret.</summary>
    public async Task<string> KeyAsync(string role, string? owner = null, string? pool = null, string? name = null)
    {
        var made = await Part<ApiKeyDirectory>()
            .CreateAsync(name ?? $"key-{Guid.NewGuid():N}", role, owner, pool, validFor: null);
        return made!.Value.Secret;
    }

    public T Part<T>()
        where T : notnull => _app.Services.GetRequiredService<T>();

    /// <summary>VMs at rest, as if they had been found in the store at the start.</summary>
    public void AddVms(params VmRecord[] vms) =>
        Part<VmLifecycle>().Adopt(StoreSnapshot.Empty with { Vms = vms }, new Dictionary<string, ProcessIdentity>());

    public static async Task<ApiUnderTest> StartAsync(
        bool isRecovered = true,
        ILoggerProvider? logs = null,
        RequestRates? rates = null,
        TlsCertificate? certificate = null,
        params Finding[] findings
    )
    {
        var directory = Directory.CreateTempSubdirectory("mc-api-");
        var socket = Path.Combine(directory.FullName, "api.sock");
        var clock = TimeProvider.System;
        var store = new InMemoryStateStore();
        var events = new EventHub(clock);
        var stored = await EventJournal.OpenAsync(
            store,
            store,
            events,
            () => new EventSettings(TimeSpan.FromDays(7)),
            clock,
            NullLogger<EventJournal>.Instance
        );
        var journal = new OperationJournal(store, events, clock);

        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        if (logs is not null)
            builder.Logging.AddProvider(logs).SetMinimumLevel(LogLevel.Trace);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Limits.MaxRequestBodySize = JsonBody.MostBytes;
            kestrel.ListenUnixSocket(socket, ApiHost.ListenUnix);
            kestrel.Listen(IPAddress.Loopback, 0, listener => ApiHost.ListenTcp(listener, certificate));
        });
        ApiHost.AddWeb(builder.Services);
        var services = builder.Services;
        services.AddSingleton(clock);
        services.AddSingleton(events);
        services.AddSingleton(journal);
        services.AddSingleton<IStateStore>(store);
        services.AddSingleton<IStateHistory>(store);
        services.AddSingleton<UtilisationHistory>();
        services.AddSingleton<IStateHistory>(store);
        services.AddSingleton(new StoreProbe(store, clock));
        services.AddSingleton(new CommitLatency(clock));
        services.AddSingleton<Func<UtilisationSettings>>(() => UtilisationSettings.Default);
        ControllerServices.AddStatistics(services, directory.FullName);
        services.AddSingleton(new Doctor(_ => Task.FromResult<IReadOnlyList<Finding>>(findings)));
        services.AddSingleton<PoolDirectory>();
        services.AddSingleton<PoolNetworks>();
        services.AddSingleton<IHostNetwork, NoHostNetwork>();
        services.AddSingleton<IExternalNetwork, NoHostNetwork>();
        ControllerServices.AddExternal(services, () => ExternalSettings.None);
        services.AddSingleton(new ImageCatalog(Path.Combine(directory.FullName, "images")));
        services.AddSingleton(new VmDirectories(Path.Combine(directory.FullName, "vms")));
        services.AddSingleton<VmConsole>();
        AddAbsent<GoldenImage>(services);
        AddAbsent<VmRuntime>(services);
        AddAbsent<VmProcesses>(services);
        services.AddSingleton<BackgroundWork>();
        services.AddSingleton<Func<VmSettings>>(() => VmSettings.Default);
        services.AddSingleton<VmLifecycle>();
        services.AddSingleton<Func<HistorySettings>>(() => new HistorySettings(TimeSpan.FromDays(90)));
        ControllerServices.AddAddresses(services);
        ControllerServices.AddQuotas(services, () => Core.Quotas.QuotaLimits.None);
        ControllerServices.AddWebHooks(services, () => null);
        ControllerServices.AddNetwork(services, tune: false);
        ControllerServices.AddPoolChanges(services, Path.Combine(directory.FullName, "backups"));
        services.AddSingleton(new SocketAdmins(group: null));
        services.AddSingleton<Func<RequestRates>>(() => rates ?? new RequestRates(0, 1));
        ControllerServices.AddAccess(services);

        var readiness = new Readiness();
        if (isRecovered)
            readiness.RecoveryEnded();
        services.AddSingleton(readiness);
        var app = builder.Build();
        app.Services.GetRequiredService<PoolDirectory>().Load(await store.LoadAsync(CancellationToken.None));
        ApiHost.UseWeb(app, clock);
        await app.StartAsync();
        var tcp = app.Urls.Single(url => url.Contains("://127.", StringComparison.Ordinal));
        return new ApiUnderTest(app, directory, socket, new Uri(tcp))
        {
            StoredEvents = stored,
            Store = store,
            Events = events,
            Journal = journal,
            Readiness = readiness,
            Pools = app.Services.GetRequiredService<PoolDirectory>(),
        };
    }

    public async Task<(HttpResponseMessage Response, Problem Problem)> RefusedAsync(
        string method,
        string path,
        string? json = null,
        string? contentType = "application/json",
        (string Name, string Value)? header = null
    )
    {
        var request = new HttpRequestMessage(new HttpMethod(method), path);
        if (json is not null)
            request.Content = new StringContent(json, Encoding.UTF8, contentType!);
        // The server may answer and close before a large body is sent, which the client would tell as a broken pipe.
        request.Headers.ExpectContinue = json?.Length > JsonBody.MostBytes;
        if (header is { } extra)
            request.Headers.TryAddWithoutValidation(extra.Name, extra.Value);
        var response = await Client.SendAsync(request);
        Xunit.Assert.Equal("application/problem+json", response.Content.Headers.ContentType!.MediaType);
        var body = await response.Content.ReadAsStringAsync();
        return (response, JsonSerializer.Deserialize(body, ContractsJson.Default.Problem)!);
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.StopAsync();
        await _app
            .Services.GetRequiredService<BackgroundWork>()
            .StopAsync(TimeSpan.FromSeconds(5), TimeProvider.System);
        await _app.DisposeAsync();
        await StoredEvents.DisposeAsync();
        _directory.Delete(recursive: true);
    }

    private static HttpClient ClientOf(Uri address, string? socket, string? secret)
    {
        var handler = new SocketsHttpHandler();
        // The tests' certificates are their own; those that are about them look at them.
        handler.SslOptions.RemoteCertificateValidationCallback = (_, _, _, _) => true;
        if (socket is not null)
            handler.ConnectCallback = async (_, cancellationToken) =>
            {
                var connection = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                await connection.ConnectAsync(new UnixDomainSocketEndPoint(socket), cancellationToken);
                return new NetworkStream(connection, ownsSocket: true);
            };
        var client = new HttpClient(handler) { BaseAddress = address };
        if (secret is not null)
            client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", secret);
        return client;
    }

    /// <summary>A part that no test may reach: it has no state, and every use of it fails.</summary>
    private static void AddAbsent<T>(IServiceCollection services)
        where T : class => services.AddSingleton((T)RuntimeHelpers.GetUninitializedObject(typeof(T)));
}
