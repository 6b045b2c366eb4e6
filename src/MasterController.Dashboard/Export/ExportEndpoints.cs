using System.Globalization;
using System.Text.Json;
using MasterController.Contracts;
using MasterController.Dashboard.Api;
using MasterController.Dashboard.Sessions;
using MasterController.Dashboard.Text;
using Microsoft.Extensions.Primitives;

namespace MasterController.Dashboard.Export;

/// <summary>Tables as files, read from the controller with the key of whoever is logged in.</summary>
internal static class ExportEndpoints
{
    private const string PageSize = "1000";

    private static readonly string[] _auditFilters = ["actor", "action", "subject", "status", "from", "to"];
    private static readonly string[] _eventFilters = ["type", "subject", "from", "to"];

    public static void MapExports(this WebApplication app)
    {
        var export = app.MapGroup("/export");
        export.MapGet("/audit.csv", (HttpContext c, ControllerSocket s) => AnswerAsync(c, s, Audit(c.Request), true));
        export.MapGet("/audit.json", (HttpContext c, ControllerSocket s) => AnswerAsync(c, s, Audit(c.Request), false));
        export.MapGet("/events.csv", (HttpContext c, ControllerSocket s) => AnswerAsync(c, s, Events(c.Request), true));
        export.MapGet(
            "/events.json",
            (HttpContext c, ControllerSocket s) => AnswerAsync(c, s, Events(c.Request), false)
        );
        export.MapGet(
            "/utilisation.csv",
            (HttpContext c, ControllerSocket s) => AnswerAsync(c, s, Utilisation(c.Request), true)
        );
    }

    private static async Task<IResult> AnswerAsync<T>(
        HttpContext context,
        ControllerSocket socket,
        ExportFile<T> file,
        bool isCsv
    )
    {
        var http = socket.Client(context.User.FindFirst(SessionClaims.Key)?.Value);
        context.Response.RegisterForDispose(http);
        http.BaseAddress = new Uri(http.BaseAddress!, "api/v1/");
        return await file.AnswerAsync(new ControllerCalls(http), isCsv, context.RequestAborted);
    }

    internal static ExportFile<AuditEntry> Audit(HttpRequest request) =>
        new(
            "audit",
            [
                "id",
                "time",
                "actor",
                "role",
                "action",
                "subject",
                "method",
                "path",
                "status",
                "error",
                "operation",
                "request",
                "before",
                "after",
            ],
            e =>
                [
                    Number(e.Id),
                    Time(e.Time),
                    e.Actor,
                    e.Role,
                    e.Action,
                    e.Subject,
                    e.Method,
                    e.Path,
                    e.Status is { } status ? Number(status) : null,
                    e.Error,
                    e.OperationId,
                    e.Request?.GetRawText(),
                    e.Before?.GetRawText(),
                    e.After?.GetRawText(),
                ],
            ContractsJson.Default.AuditEntry,
            async (api, cursor, cancellationToken) =>
            {
                var path = Path("audit", request, _auditFilters, cursor);
                var list = await api.GetAsync(path, ContractsJson.Default.AuditList, cancellationToken);
                return (list.Items, list.Next);
            }
        );

    internal static ExportFile<Event> Events(HttpRequest request) =>
        new(
            "events",
            ["id", "time", "type", "subject", "message", "data"],
            e =>
                [
                    Number(e.Id),
                    Time(e.Time),
                    e.Type,
                    e.Subject,
                    e.Message,
                    e.Data is null ? null : JsonSerializer.Serialize(e.Data),
                ],
            ContractsJson.Default.Event,
            async (api, cursor, cancellationToken) =>
            {
                var path = Path("events/history", request, _eventFilters, cursor);
                var list = await api.GetAsync(path, ContractsJson.Default.EventList, cancellationToken);
                return (list.Items, list.Next);
            }
        );

    internal static ExportFile<UtilisationPoint> Utilisation(HttpRequest request) =>
        new(
            "utilisation",
            ["time", "total", "used", "cooling", "reserved", "free"],
            p => [Time(p.Time), Number(p.Total), Number(p.Used), Number(p.Cooling), Number(p.Reserved), Number(p.Free)],
            ContractsJson.Default.UtilisationPoint,
            async (api, _, cancellationToken) =>
            {
                var pool = Uri.EscapeDataString(Value(request, "pool") ?? "default");
                var path = Query.Of(
                    $"pools/{pool}/utilisation",
                    ("from", Value(request, "from")),
                    ("to", Value(request, "to"))
                );
                var series = await api.GetAsync(path, ContractsJson.Default.UtilisationSeries, cancellationToken);
                return (series.Items, null);
            }
        );

    private static string Path(string path, HttpRequest request, string[] filters, string? cursor) =>
        Query.Of(path, [.. filters.Select(f => (f, Value(request, f))), ("limit", PageSize), ("cursor", cursor)]);

    private static string? Value(HttpRequest request, string name) =>
        request.Query.TryGetValue(name, out StringValues values) ? values.ToString() : null;

    private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("O", CultureInfo.InvariantCulture);
}
