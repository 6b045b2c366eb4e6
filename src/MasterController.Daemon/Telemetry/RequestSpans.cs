using Microsoft.AspNetCore.Http.Features;

namespace MasterController.Daemon.Telemetry;

/// <summary>
/// Gives the framework's span of a request its name, by the route and never by the path, and how it was answered (OpenTelemetry
/// semantic conventions for HTTP spans). Nothing where nobody listens.
/// </summary>
internal static class RequestSpans
{
    public static void UseRequestSpans(this WebApplication app) =>
        app.Use(
            async (context, next) =>
            {
                if (context.Features.Get<IHttpActivityFeature>()?.Activity is not { IsAllDataRequested: true } span)
                {
                    await next(context);
                    return;
                }
                var route = (context.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText;
                span.DisplayName = route is null ? context.Request.Method : $"{context.Request.Method} {route}";
                span.SetTag("http.request.method", context.Request.Method).SetTag("http.route", route);
                await next(context);
                span.SetTag("http.response.status_code", context.Response.StatusCode);
            }
        );
}
