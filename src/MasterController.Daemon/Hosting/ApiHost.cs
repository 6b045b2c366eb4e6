using System.Text.Json;
using System.Text.Json.Serialization;
using MasterController.Contracts;
using MasterController.Core.Events;
using MasterController.Daemon.Access;
using MasterController.Daemon.Configuration;
using MasterController.Daemon.Endpoints;
using MasterController.Daemon.Errors;
using MasterController.Daemon.Requests;
using MasterController.Daemon.Telemetry;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;

namespace MasterController.Daemon.Hosting;

/// <summary>Builds the process: log, listeners, parts, endpoints.</summary>
internal static class ApiHost
{
    /// <summary>Requests under way get this long when the controller is told to end; streams end at once.</summary>
    private static readonly TimeSpan ShutdownTimeout = TimeSpan.FromSeconds(10);

    /// <summary>Of the handshake and the head of a request: callers who are slower hold a connection up on purpose.</summary>
    private static readonly TimeSpan HeadersTimeout = TimeSpan.FromSeconds(10);

    /// <summary>Of a connection without a request.</summary>
    private static readonly TimeSpan KeepAliveTimeout = TimeSpan.FromMinutes(2);

    /// <summary>A body has to come at this rate after <see cref="BodyGrace"/>.</summary>
    private const double BytesPerSecond = 1024;
    private static readonly TimeSpan BodyGrace = TimeSpan.FromSeconds(5);

    private const int MostTcpConnections = 1000;

    /// <summary>Of one that is no admin, on the Unix socket. A dashboard has some for each page that is open.</summary>
    private const int MostConnectionsOfUser = 500;

    public static WebApplication Build(
        LiveSettings live,
        EventHub events,
        ApiSockets sockets,
        HostResources host,
        TimeProvider clock
    )
    {
        var settings = live.Current;
        var builder = WebApplication.CreateSlimBuilder(
            // Under systemd the working directory is /, where nothing of ours lies.
            new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory }
        );
        // Our configuration is the only one: no appsettings.json, no ASPNETCORE_ variables.
        builder.Configuration.Sources.Clear();

        Logs.Add(builder.Logging, settings.Log.Format, () => live.Current.Log.Level, clock);
        builder.Services.Configure<HostOptions>(o => o.ShutdownTimeout = ShutdownTimeout);
        Listen(builder, settings, sockets);
        AddWeb(builder.Services);
        ControllerServices.Add(builder.Services, live, host, events, clock);

        var app = builder.Build();
        UseWeb(app, clock);
        return app;
    }

    internal static void UseWeb(WebApplication app, TimeProvider clock)
    {
        app.UseRequestLog(clock);
        app.UseApiMetrics(clock);
        app.UseCallers(clock);
        app.UseAuditLog();
        app.UseErrorAnswers();
        app.UseLoopbackGuard();
        app.UseApiDocumentPolicy();
        app.UseAccessControl();
        app.UseAuditEntries();
        Api.Map(app);
    }

    internal static void AddWeb(IServiceCollection services)
    {
        services.ConfigureHttpJsonOptions(o =>
        {
            o.SerializerOptions.TypeInfoResolverChain.Clear();
            o.SerializerOptions.TypeInfoResolverChain.Add(ContractsJson.Default);
            o.SerializerOptions.PropertyNamingPolicy = JsonNamingPolicy.CamelCase;
            o.SerializerOptions.Encoder = ApiJson.Encoder;
            o.SerializerOptions.NumberHandling = JsonNumberHandling.Strict;
        });
        ApiDocument.Add(services);
    }

    /// <exception cref="StartupException">The certificate cannot be used.</exception>
    private static void Listen(WebApplicationBuilder builder, ControllerSettings settings, ApiSockets sockets)
    {
        var certificate = settings is { Listen: not null, Tls: { } tls } ? TlsCertificate.Read(tls) : null;
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = JsonBody.MostBytes;
            kestrel.Limits.RequestHeadersTimeout = HeadersTimeout;
            kestrel.Limits.KeepAliveTimeout = KeepAliveTimeout;
            kestrel.Limits.MinRequestBodyDataRate = new MinDataRate(BytesPerSecond, BodyGrace);
            kestrel.ListenUnixSocket(settings.Socket, ListenUnix);
            if (settings.Listen is { } endPoint)
                kestrel.Listen(endPoint, listener => ListenTcp(listener, certificate));
        });
        builder.Services.Configure<SocketTransportOptions>(transport =>
            transport.CreateBoundListenSocket = sockets.Take
        );
    }

    /// <summary>Everybody on the host may connect: each user but the admins so often at a time.</summary>
    internal static void ListenUnix(ListenOptions listener)
    {
        var admins = listener.ApplicationServices.GetRequiredService<SocketAdmins>();
        listener.LimitConnections(
            MostConnectionsOfUser,
            connection => SocketPeer.Of(connection.Features) is { } peer && !admins.Include(peer) ? peer.Uid : null
        );
    }

    internal static void ListenTcp(ListenOptions listener, TlsCertificate? certificate)
    {
        listener.LimitConnections(MostTcpConnections, _ => 0);
        if (certificate is null)
            return;
        var logger = listener.ApplicationServices.GetRequiredService<ILogger<TlsCertificate>>();
        listener.UseHttps(
            new TlsHandshakeCallbackOptions
            {
                OnConnection = _ => ValueTask.FromResult(certificate.OptionsFor(logger)),
                HandshakeTimeout = HeadersTimeout,
            }
        );
    }
}
