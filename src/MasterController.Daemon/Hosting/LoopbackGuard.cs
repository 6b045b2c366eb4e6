using System.Net;
using MasterController.Daemon.Errors;

namespace MasterController.Daemon.Hosting;

/// <summary>
/// Over TCP, keeps web pages out that a browser on this machine shows: a foreign page may send requests to loopback
/// (its Origin tells), and may give its own name a loopback address (the Host tells).
/// </summary>
internal static class LoopbackGuard
{
    public static void UseLoopbackGuard(this WebApplication app) =>
        app.Use(
            (context, next) =>
                Refusal(context) is { } reason ? Problems.Forbidden(reason).ExecuteAsync(context) : next(context)
        );

    private static string? Refusal(HttpContext context)
    {
        // A Unix socket has no addresses, and no browser speaks to it.
        if (context.Connection.LocalIpAddress is null)
            return null;
        var host = context.Request.Host;
        // With TLS the browser has checked whose name it is.
        if (!context.Request.IsHttps && !IsLoopback(host.Host))
            return $"the Host \"{host}\" is not this machine's loopback address";
        var origin = context.Request.Headers.Origin.ToString();
        return origin.Length == 0 || origin == $"{context.Request.Scheme}://{host}"
            ? null
            : $"pages of \"{origin}\" may not use this API";
    }

    private static bool IsLoopback(string host) =>
        host == "localhost"
        || (IPAddress.TryParse(host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));
}
