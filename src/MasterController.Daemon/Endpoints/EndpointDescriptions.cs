using MasterController.Contracts;
using MasterController.Daemon.Access;
using MasterController.Daemon.Errors;
using MasterController.Daemon.Requests;
using Microsoft.AspNetCore.Http.Metadata;

namespace MasterController.Daemon.Endpoints;

/// <summary>What an endpoint takes and answers beyond its signature, for the OpenAPI document and for checks.</summary>
internal static class EndpointDescriptions
{
    public static RouteHandlerBuilder Describe(
        this RouteHandlerBuilder endpoint,
        string operationId,
        string summary,
        string? description = null
    )
    {
        endpoint.WithName(operationId).WithSummary(summary);
        return description is null ? endpoint : endpoint.WithDescription(description);
    }

    /// <summary>The least role of a caller; null for everybody, also without a key.</summary>
    public static RouteHandlerBuilder Needs(this RouteHandlerBuilder endpoint, Role? least) =>
        endpoint.WithMetadata(new NeededRole(least));

    /// <summary>Also for callers with a scope, which this part of the endpoint keeps to.</summary>
    public static RouteHandlerBuilder Scoped(this RouteHandlerBuilder endpoint, ScopePart by) =>
        endpoint.WithMetadata(new ScopedBy(by));

    /// <summary>The query parameters; any other is refused.</summary>
    public static RouteHandlerBuilder Query(
        this RouteHandlerBuilder endpoint,
        params IReadOnlyList<QueryParameter> parameters
    ) => endpoint.WithMetadata(new QueryParameters(parameters));

    public static RouteHandlerBuilder Headers(
        this RouteHandlerBuilder endpoint,
        params IReadOnlyList<HeaderParameter> headers
    ) => endpoint.WithMetadata(new HeaderParameters(headers));

    /// <summary>The handler reads the body itself, so that every wrong field can be named.</summary>
    public static RouteHandlerBuilder Body<T>(this RouteHandlerBuilder endpoint, bool optional = false) =>
        endpoint.WithMetadata(new AcceptsMetadata(["application/json"], typeof(T), optional));

    /// <summary>The statuses of the problems that the endpoint may answer with.</summary>
    public static RouteHandlerBuilder Refuses(this RouteHandlerBuilder endpoint, params ReadOnlySpan<int> statuses)
    {
        foreach (var status in statuses)
            endpoint.WithMetadata(
                new ProducesResponseTypeMetadata(status, typeof(Problem), [ProblemResult.ContentType])
            );
        return endpoint;
    }
}

/// <summary>A request header with a meaning, for the OpenAPI document.</summary>
public sealed record HeaderParameter(string Name, string Description)
{
    public static HeaderParameter Wait { get; } =
        new(RequestHeaders.Prefer, "`wait=N`: answer when the work is done, after N seconds (0 to 600) at the latest.");

    public static HeaderParameter IdempotencyKey { get; } =
        new(
            RequestHeaders.IdempotencyKey,
            "1 to 255 printable characters. The same key with the same body gives the same VM; with another body 409."
        );
}

public sealed record HeaderParameters(IReadOnlyList<HeaderParameter> All);
