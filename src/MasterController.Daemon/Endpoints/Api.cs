using MasterController.Daemon.Errors;
using MasterController.Daemon.Hosting;
using MasterController.Daemon.Telemetry;

namespace MasterController.Daemon.Endpoints;

/// <summary>Everything that is served.</summary>
internal static class Api
{
    public static void Map(WebApplication app)
    {
        var api = app.MapGroup("/api/v1");
        api.AddEndpointFilter(WhenRecoveredAsync);
        VmEndpoints.Map(api);
        ConsoleEndpoint.Map(api);
        PoolEndpoints.Map(api);
        PlanEndpoints.Map(api);
        UtilisationEndpoints.Map(api);
        LeaseEndpoints.Map(api);
        AddressEndpoints.Map(api);
        AdoptionEndpoints.Map(api);
        TrafficEndpoints.Map(api);
        NetworkEndpoints.Map(api);
        ForwardEndpoints.Map(api);
        ExternalEndpoints.Map(api);
        ImageEndpoints.Map(api);
        OperationEndpoints.Map(api);
        EventEndpoints.Map(api);
        EventHistoryEndpoints.Map(api);
        StatsEndpoints.Map(api);
        AdminStatsEndpoint.Map(app.MapGroup("/api/admin").AddEndpointFilter(WhenRecoveredAsync));
        KeyEndpoints.Map(api);
        AuditEndpoint.Map(api);
        WebHookEndpoints.Map(api);
        QuotaEndpoints.Map(api);
        DoctorEndpoint.Map(app);
        HealthEndpoints.Map(app);
        TelemetryServices.Map(app);
        ApiDocument.Map(app);
    }

    private static async ValueTask<object?> WhenRecoveredAsync(
        EndpointFilterInvocationContext context,
        EndpointFilterDelegate next
    )
    {
        var readiness = context.HttpContext.RequestServices.GetRequiredService<Readiness>();
        return readiness.Recovered ? await next(context) : Problems.NotReady(readiness.Reason ?? "");
    }
}
