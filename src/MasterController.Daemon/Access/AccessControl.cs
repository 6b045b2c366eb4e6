using System.Globalization;
using MasterController.Core.Vms;
using MasterController.Daemon.Errors;
using MasterController.Daemon.Hosting;

namespace MasterController.Daemon.Access;

/// <summary>
/// Lets through who may: (1) who is known, (2) not too often, (3) with the role that the endpoint needs, (4) within the
/// caller's scope. An endpoint of which nobody has said what it needs is refused to all.
/// </summary>
internal sealed class AccessControl(VmLifecycle vms, Readiness readiness, RequestLimits limits)
{
    /// <summary>Null where it may pass.</summary>
    public ProblemResult? Refusal(HttpContext context)
    {
        // What the framework answers by itself (404, 405, 415) is no endpoint of ours, and needs no role but a caller.
        var endpoint = context.GetEndpoint() as RouteEndpoint;
        var needed = endpoint?.Metadata.GetMetadata<NeededRole>();
        if (needed is { Least: null })
            return null;

        // 1
        if (context.Caller() is not { } caller)
            return Unknown(context);
        // 2
        if (limits.TryTake(caller) is { } wait)
            return Problems.TooManyRequests($"{caller.Actor} has sent too many requests.", wait);
        if (endpoint is null)
            return null;
        // 3
        if (needed is null)
            return Problems.Forbidden("nobody has said which role may use this");
        if (caller.Role < needed.Least)
            return Problems.RoleTooLow(needed.Least.Value, caller.Role);
        // 4
        return caller.Scope.IsEverything ? null : OutOfScope(context, endpoint, caller.Scope);
    }

    private ProblemResult Unknown(HttpContext context)
    {
        var identification = context.Features.Get<Identification>();
        if (identification is Identification.TooEarly)
            return Problems.NotReady(readiness.Reason ?? "");
        if (limits.TryFail(context.Connection.RemoteIpAddress) is { } wait)
            return Problems.TooManyRequests("Too many requests without a valid key came from this address.", wait);
        context.Response.Headers.WWWAuthenticate = Authentication.Scheme;
        return Problems.Unauthenticated((identification as Identification.Unknown)?.Reason ?? "");
    }

    private ProblemResult? OutOfScope(HttpContext context, RouteEndpoint endpoint, Scope scope)
    {
        switch (endpoint.Metadata.GetMetadata<ScopedBy>()?.Part)
        {
            case ScopePart.Handler:
                return null;
            case ScopePart.Vm:
                var name = RouteText(context, "id");
                if (vms.Find(name) is not { } vm || !scope.Has(vm))
                    return Problems.NotFound("VM", name);
                // From here on by its id: the name may become another's.
                context.Request.RouteValues["id"] = vm.Id;
                return null;
            case ScopePart.Pool:
                var pool = RouteText(context, "pool");
                return scope.HasPool(pool) ? null : Problems.NotFound("pool", pool);
            case null:
                return Problems.Forbidden($"the caller is restricted to {scope}, and this knows no such restriction");
            default:
                throw new System.Diagnostics.UnreachableException();
        }
    }

    private static string RouteText(HttpContext context, string name) =>
        Convert.ToString(context.Request.RouteValues[name], CultureInfo.InvariantCulture) ?? "";
}

internal static class AccessControlOfApp
{
    public static void UseAccessControl(this WebApplication app)
    {
        var control = app.Services.GetRequiredService<AccessControl>();
        app.Use(
            (context, next) => control.Refusal(context) is { } refusal ? refusal.ExecuteAsync(context) : next(context)
        );
    }
}
