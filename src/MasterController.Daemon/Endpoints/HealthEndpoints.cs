using MasterController.Contracts;
using MasterController.Daemon.Access;
using MasterController.Daemon.Hosting;
using Microsoft.AspNetCore.Http.HttpResults;

namespace MasterController.Daemon.Endpoints;

/// <summary><c>/healthz</c> and <c>/readyz</c>.</summary>
internal static class HealthEndpoints
{
    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapGet("/healthz", Live).WithTags("Health").Needs(null).Describe("healthz", "Whether the process is alive");
        app.MapGet("/readyz", ReadyAsync)
            .WithTags("Health")
            .Needs(null)
            .Describe("readyz", "Whether it is ready", "Recovered, the store answers, the host network is applied.")
            .Produces<Health>(503);
    }

    private static Ok<Health> Live() => TypedResults.Ok(new Health("ok", ProductVersion.Text));

    private static async Task<Results<Ok<Health>, JsonHttpResult<Health>>> ReadyAsync(
        Readiness readiness,
        StoreProbe store,
        CancellationToken cancellationToken
    )
    {
        var reason = readiness.Reason ?? await store.AskAsync(cancellationToken);
        return reason is null
            ? TypedResults.Ok(new Health("ok", ProductVersion.Text))
            : TypedResults.Json(
                new Health("not-ready", ProductVersion.Text, reason),
                ContractsJson.Default.Health,
                statusCode: StatusCodes.Status503ServiceUnavailable
            );
    }
}
