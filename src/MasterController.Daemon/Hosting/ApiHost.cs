using System.Text.Json;
using System.Text.Json.Serialization;
using MasterController.Contracts;
using MasterController.Core.Events;
using MasterController.Daemon.Configuration;
using MasterController.Daemon.Endpoints;
using MasterController.Daemon.Errors;
using MasterController.Daemon.Requests;
using MasterController.Daemon.Telemetry;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;

namespace MasterController.Daemon.Hosting;

/// <summary>Builds the process: log, listeners, parts, endpoints.</summary>
internal static class ApiHost
{
    /// <summary>Requests under way get this long when the controller is told to end; streams end at once.</summary>
    private static readonly TimeSpan ShutdownTimeout = TimeSpan.FromSeconds(10);

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
        app.UseRequestSpans();
        app.UseErrorAnswers();
        app.UseLoopbackGuard();
        app.UseApiDocumentPolicy();
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

    private static void Listen(WebApplicationBuilder builder, ControllerSettings settings, ApiSockets sockets)
    {
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = JsonBody.MostBytes;
            kestrel.ListenUnixSocket(settings.Socket);
            if (settings.Listen is { } endPoint)
                kestrel.Listen(endPoint);
        });
        builder.Services.Configure<SocketTransportOptions>(transport =>
            transport.CreateBoundListenSocket = sockets.Take
        );
    }
}
