using System.Globalization;
using System.Text.Json.Nodes;
using MasterController.Daemon.Access;
using MasterController.Daemon.Hosting;
using MasterController.Daemon.Requests;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using Scalar.AspNetCore;

namespace MasterController.Daemon.Endpoints;

/// <summary><c>/openapi/v1.json</c>, and <c>/docs</c>, which shows it and fetches nothing from elsewhere.</summary>
internal static class ApiDocument
{
    public static void Add(IServiceCollection services) =>
        services.AddOpenApi(
            "v1",
            options =>
            {
                options.AddDocumentTransformer(
                    (document, _, _) =>
                    {
                        document.Info = new OpenApiInfo
                        {
                            Title = "Master Controller",
                            Version = ProductVersion.Text,
                            Description =
                                "Runs microVMs with addresses from IP pools. Errors are problems (RFC 9457) whose "
                                + "`type` is stable; see the schema `Problem`.",
                        };
                        // The document is the same for everyone: it is read over a socket, where there is no host.
                        document.Servers = [new OpenApiServer { Url = "/" }];
                        return Task.CompletedTask;
                    }
                );
                options.AddOperationTransformer(
                    (operation, context, _) =>
                    {
                        Complete(operation, context.Description.ActionDescriptor.EndpointMetadata);
                        return Task.CompletedTask;
                    }
                );
            }
        );

    /// <summary>
    /// What the page may load: only what this server serves. Its script knows addresses of its maker; with this the
    /// browser asks none of them.
    /// </summary>
    private const string Policy =
        "default-src 'none'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; "
        + "img-src 'self' data:; font-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'";

    public static void UseApiDocumentPolicy(this WebApplication app) =>
        app.Use(
            (context, next) =>
            {
                if (context.Request.Path.StartsWithSegments("/docs"))
                    context.Response.Headers.ContentSecurityPolicy = Policy;
                return next(context);
            }
        );

    public static void Map(WebApplication app)
    {
        app.MapOpenApi("/openapi/{documentName}.json").WithMetadata(new NeededRole(null));
        app.MapScalarApiReference(
                "/docs",
                options =>
                    options
                        .WithTitle("Master Controller API")
                        .WithOpenApiRoutePattern("/openapi/{documentName}.json")
                        .DisableDefaultFonts()
                        .DisableAgent()
                        .DisableTelemetry()
                        .HideClientButton()
            )
            .WithMetadata(new NeededRole(null));
    }

    /// <summary>Adds what the handlers read from the request themselves.</summary>
    private static void Complete(OpenApiOperation operation, IList<object> metadata)
    {
        operation.Parameters ??= [];
        foreach (var parameter in metadata.OfType<QueryParameters>().SelectMany(q => q.All))
            operation.Parameters.Add(
                new OpenApiParameter
                {
                    Name = parameter.Name,
                    In = ParameterLocation.Query,
                    Description = parameter.Description,
                    Required = parameter.Required,
                    Explode = parameter.Repeatable,
                    Schema = parameter.Repeatable
                        ? new OpenApiSchema { Type = JsonSchemaType.Array, Items = Schema(parameter) }
                        : Schema(parameter),
                }
            );
        foreach (var header in metadata.OfType<HeaderParameters>().SelectMany(h => h.All))
            operation.Parameters.Add(
                new OpenApiParameter
                {
                    Name = header.Name,
                    In = ParameterLocation.Header,
                    Description = header.Description,
                    Schema = new OpenApiSchema { Type = JsonSchemaType.String },
                }
            );
    }

    private static OpenApiSchema Schema(QueryParameter parameter) =>
        parameter.Kind switch
        {
            QueryKind.Integer => new OpenApiSchema
            {
                Type = JsonSchemaType.Integer,
                Minimum = parameter.Least.ToString(CultureInfo.InvariantCulture),
                Maximum = parameter.Most.ToString(CultureInfo.InvariantCulture),
                Default = parameter.Default,
            },
            QueryKind.Boolean => new OpenApiSchema { Type = JsonSchemaType.Boolean },
            _ => new OpenApiSchema
            {
                Type = JsonSchemaType.String,
                Enum = parameter.Values is { } values ? [.. values.Select(v => (JsonNode)v)] : null,
            },
        };
}
