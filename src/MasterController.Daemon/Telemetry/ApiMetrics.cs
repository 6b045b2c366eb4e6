using System.Diagnostics.Metrics;

namespace MasterController.Daemon.Telemetry;

/// <summary>Requests by the template of their route, never by path, and refusals by their stable type.</summary>
internal static class ApiMetrics
{
    public const string RequestsName = "master_controller_api_request_seconds";

    private const string Other = "other";

    private static readonly Meter Meter = new("MasterController.Api");

    private static readonly Histogram<double> Requests = Meter.CreateHistogram(
        RequestsName,
        unit: null,
        "How long requests took; streams for as long as they were open.",
        tags: null,
        new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 30] }
    );

    private static readonly Counter<long> Refusals = Meter.CreateCounter<long>(
        "master_controller_refusals",
        unit: null,
        "Requests that were refused, by the problem's type."
    );

    public static void UseApiMetrics(this WebApplication app, TimeProvider clock) =>
        app.Use(
            async (context, next) =>
            {
                if (!Requests.Enabled)
                {
                    await next(context);
                    return;
                }
                var began = clock.GetTimestamp();
                // Asked before: where something fails, the endpoint is taken away.
                var route = (context.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText ?? Other;
                try
                {
                    await next(context);
                }
                finally
                {
                    Requests.Record(
                        clock.GetElapsedTime(began).TotalSeconds,
                        new("route", route),
                        new("method", route == Other ? Other : context.Request.Method),
                        new("status", Class(context.Response.StatusCode))
                    );
                }
            }
        );

    /// <param name="type">The URI of a problem's type.</param>
    public static void Refused(string type) =>
        Refusals.Add(1, new KeyValuePair<string, object?>("reason", type[(type.LastIndexOfAny(['/', ':']) + 1)..]));

    private static string Class(int status) =>
        status switch
        {
            < 200 => "1xx",
            < 300 => "2xx",
            < 400 => "3xx",
            < 500 => "4xx",
            _ => "5xx",
        };
}
