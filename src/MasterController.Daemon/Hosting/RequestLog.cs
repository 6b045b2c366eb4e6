using MasterController.Daemon.Access;

namespace MasterController.Daemon.Hosting;

/// <summary>
/// One line for a request: changes, and what was refused for who asked, at level information; reads at debug. No query,
/// no body, no header.
/// </summary>
internal static partial class RequestLog
{
    public static void UseRequestLog(this WebApplication app, TimeProvider clock)
    {
        var logger = app.Services.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(RequestLog).FullName!);
        app.Use(
            async (context, next) =>
            {
                var began = clock.GetTimestamp();
                await next(context);
                var request = context.Request;
                var level =
                    HttpMethods.IsGet(request.Method) && context.Response.StatusCode is not (401 or 403 or 429)
                        ? LogLevel.Debug
                        : LogLevel.Information;
                LogRequest(
                    logger,
                    level,
                    request.Method,
                    request.Path,
                    context.Caller()?.Actor ?? "nobody",
                    context.Response.StatusCode,
                    clock.GetElapsedTime(began).TotalMilliseconds
                );
            }
        );
    }

    [LoggerMessage("{Method} {Path} by {Actor}: {Status} {Milliseconds:F1} ms")]
    private static partial void LogRequest(
        ILogger logger,
        LogLevel level,
        string method,
        string path,
        string actor,
        int status,
        double milliseconds
    );
}
