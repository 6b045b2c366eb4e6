using MasterController.Core.Addressing;
using MasterController.Core.HostNetwork.Drift;
using MasterController.Core.Operations;
using MasterController.Core.Statistics;
using MasterController.Core.Utilisation;
using MasterController.Core.Vms;
using MasterController.Daemon.Access;
using MasterController.Daemon.Hosting;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace MasterController.Daemon.Telemetry;

/// <summary>Metrics at <c>/metrics</c>, and traces to whom the configuration names.</summary>
internal static class TelemetryServices
{
    public const string MetricsPath = "/metrics";

    private const string ServiceName = "master-controller";

    /// <param name="directory">Whose file system is watched.</param>
    public static void AddMetrics(IServiceCollection services, string directory)
    {
        services.AddMetrics();
        services.AddSingleton<PoolForecasts>();
        services.AddSingleton<PoolMetrics>();
        services.AddSingleton<VmMetrics>();
        services.AddSingleton<NetworkMetrics>();
        services.AddSingleton<TrafficMetrics>();
        services.AddSingleton(s => new HostMetrics(
            s.GetRequiredService<System.Diagnostics.Metrics.IMeterFactory>(),
            directory,
            ProductVersion.Text
        ));
        services
            .AddOpenTelemetry()
            .WithMetrics(metrics =>
                metrics
                    .AddMeter("MasterController.*", "System.Runtime")
                    .AddView(instrument => new MetricStreamConfiguration
                    {
                        CardinalityLimit = SeriesLimits.Of(instrument.Name),
                    })
                    .AddInstrumentation(s => s.GetRequiredService<PoolMetrics>())
                    .AddInstrumentation(s => s.GetRequiredService<VmMetrics>())
                    .AddInstrumentation(s => s.GetRequiredService<NetworkMetrics>())
                    .AddInstrumentation(s => s.GetRequiredService<TrafficMetrics>())
                    .AddInstrumentation(s => s.GetRequiredService<HostMetrics>())
                    .AddPrometheusExporter(options =>
                    {
                        // What a scraper adds by itself: labels of the meter, and who is asked.
                        options.ScopeInfoEnabled = false;
                        options.TargetInfoEnabled = false;
                    })
            );
    }

    /// <summary>Without an endpoint there is no listener, and no span is made.</summary>
    public static void AddTraces(IServiceCollection services, TelemetrySettings settings)
    {
        if (settings.OtlpEndpoint is not { } endpoint)
            return;
        services
            .AddOpenTelemetry()
            .WithTracing(traces =>
                traces
                    .ConfigureResource(resource =>
                        resource.AddService(ServiceName, serviceVersion: ProductVersion.Text)
                    )
                    // Requests are spans of the framework, which go on where the caller's traceparent says.
                    .AddSource(OperationTrace.SourceName, "Microsoft.AspNetCore")
                    .AddOtlpExporter(options =>
                    {
                        var isGrpc = settings.OtlpProtocol == TelemetrySettings.Grpc;
                        options.Protocol = isGrpc ? OtlpExportProtocol.Grpc : OtlpExportProtocol.HttpProtobuf;
                        options.Endpoint = isGrpc ? endpoint : TracesOf(endpoint);
                    })
            );
    }

    public static void Map(IEndpointRouteBuilder app) =>
        app.MapPrometheusScrapingEndpoint(MetricsPath).WithMetadata(new NeededRole(Role.Viewer));

    /// <summary>OTLP over HTTP has a path for each signal (OTLP specification, "OTLP/HTTP Request").</summary>
    internal static Uri TracesOf(Uri endpoint) => new($"{endpoint.AbsoluteUri.TrimEnd('/')}/v1/traces");
}
