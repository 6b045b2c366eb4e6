using MasterController.Contracts;
using MasterController.Core.Access;
using MasterController.Daemon.Hosting;
using AuditEntry = MasterController.Core.Access.AuditEntry;

namespace MasterController.Daemon.Access;

/// <summary>
/// Puts requests for changes into the audit log: (1) before the handler runs, who asks for what, so that the entry lies
/// before the change in the store; (2) when it was answered, what came of it. Those who are refused before (1) are
/// entered at (2); those of whom nobody knows who they are, and those who ask too often, are in the request log alone,
/// for they could fill the store.
/// </summary>
internal sealed class AuditRecorder(AuditLog log, Readiness readiness, TimeProvider clock)
{
    private const int MostErrorCharacters = 2000;
    private const string ProblemPath = "/problems/";

    /// <summary>1</summary>
    public async Task BeginAsync(HttpContext context)
    {
        if (Asked(context) is not { } asked)
            return;
        using var body = await AuditBody.TakeAsync(context.Request, context.RequestAborted);
        var subject = SubjectOf(context);
        var name = subject.NameOf(context, body?.Root);
        var shown = name is null ? null : subject.Show(context, name);
        context.Features.Set(
            new Recorded(
                log.Begin(asked with { Subject = shown?.Id ?? name, Request = body?.Kept, Before = shown?.Document })
            )
        );
    }

    /// <summary>2</summary>
    public void End(HttpContext context)
    {
        var status = context.Response.StatusCode;
        if (context.Features.Get<Recorded>() is not { Entry: var entry })
        {
            if (Asked(context) is { } refused && status is >= AuditFilter.FirstRefusal and not 429)
            {
                var name = SubjectOf(context).NameOf(context, null);
                log.Begin(refused with { Subject = name, Status = status, Error = ErrorOf(context) });
            }
            return;
        }
        var id = entry.Subject ?? Located(context);
        var after = id is null ? null : SubjectOf(context).Show(context, id);
        var isUnchanged = status >= AuditFilter.FirstRefusal && after?.Document == entry.Before;
        log.End(
            entry with
            {
                Subject = after?.Id ?? id,
                Status = status,
                Error = ErrorOf(context),
                OperationId = Actor.Operation,
                Before = isUnchanged ? null : entry.Before,
                After = isUnchanged ? null : after?.Document,
            }
        );
    }

    /// <summary>Null where it is no change that somebody known asks for. Before the store is read, nothing is changed.</summary>
    private AuditEntry? Asked(HttpContext context)
    {
        var request = context.Request;
        if (
            !readiness.Recovered
            || HttpMethods.IsGet(request.Method)
            || HttpMethods.IsHead(request.Method)
            || context.GetEndpoint() is not RouteEndpoint endpoint
            || context.Caller() is not { } caller
        )
            return null;
        return new AuditEntry(
            Id: 0,
            clock.GetUtcNow(),
            caller.Actor,
            RoleName.Of(caller.Role),
            endpoint.Metadata.GetMetadata<IEndpointNameMetadata>()?.EndpointName ?? endpoint.RoutePattern.RawText ?? "",
            Subject: null,
            request.Method,
            request.Path
        );
    }

    private static AuditSubject SubjectOf(HttpContext context) =>
        context.GetEndpoint()?.Metadata.GetMetadata<AuditSubject>() ?? AuditSubject.Named;

    /// <summary>What was made, by the last part of its path; an operation is not what it is about.</summary>
    private static string? Located(HttpContext context)
    {
        var location = context.Response.Headers.Location.ToString();
        return location.Length == 0 || location.Contains("/operations/", StringComparison.Ordinal)
            ? null
            : Uri.UnescapeDataString(location[(location.LastIndexOf('/') + 1)..]);
    }

    private static string? ErrorOf(HttpContext context)
    {
        if (context.Features.Get<Problem>() is not { } problem)
            return null;
        var type = problem.Type.StartsWith(ProblemPath, StringComparison.Ordinal)
            ? problem.Type[ProblemPath.Length..]
            : problem.Type;
        var text = $"{type}: {problem.Detail}";
        return text.Length <= MostErrorCharacters ? text : $"{text[..MostErrorCharacters]}…";
    }

    private sealed record Recorded(AuditEntry Entry);
}

internal static class AuditOfApp
{
    /// <summary>Around all that answers.</summary>
    public static void UseAuditLog(this WebApplication app)
    {
        var recorder = app.Services.GetRequiredService<AuditRecorder>();
        app.Use(
            async (context, next) =>
            {
                try
                {
                    await next(context);
                }
                finally
                {
                    recorder.End(context);
                }
            }
        );
    }

    /// <summary>Next to the handlers.</summary>
    public static void UseAuditEntries(this WebApplication app)
    {
        var recorder = app.Services.GetRequiredService<AuditRecorder>();
        app.Use(
            async (context, next) =>
            {
                await recorder.BeginAsync(context);
                await next(context);
            }
        );
    }
}
