using System.Globalization;
using System.Text.Json;
using MasterController.Core.Access;
using MasterController.Core.Vms;
using MasterController.Daemon.Endpoints;
using MasterController.Daemon.Errors;

namespace MasterController.Daemon.Access;

/// <summary>
/// What changes are about and how that is shown before and after, as metadata of their endpoints. Where a request names
/// nothing that is there, it is what the answer's Location names.
/// </summary>
/// <param name="NameOf">From the route, and the body as far as there is one; null where nothing is named.</param>
/// <param name="Show">By name or id; null where there is no such thing (any more).</param>
internal sealed record AuditSubject(
    Func<HttpContext, JsonElement?, string?> NameOf,
    Func<HttpContext, string, ShownSubject?> Show
)
{
    /// <summary>In this order: the more particular first.</summary>
    private static readonly string[] _names = ["id", "key", "name", "address", "owner", "pool"];

    /// <summary>What nobody has said more of: it is known by its name in the route.</summary>
    public static AuditSubject Named { get; } =
        new(
            (context, _) => _names.Select(name => RouteText(context, name)).FirstOrDefault(text => text is not null),
            (_, name) => new ShownSubject(name, Document: null)
        );

    public static AuditSubject Vm { get; } = new((context, _) => RouteText(context, "id"), ShowVm);

    public static AuditSubject Pool { get; } = new((context, _) => RouteText(context, "pool"), ShowPool);

    public static AuditSubject Lease { get; } =
        new((context, _) => RouteText(context, "address"), (_, name) => new ShownSubject(name, Document: null));

    public static AuditSubject Key { get; } = new((context, _) => RouteText(context, "key"), ShowKey);

    /// <summary>The VM that a forward leads to.</summary>
    public static AuditSubject Forward { get; } =
        new(
            (context, body) =>
                RouteText(context, "id") is { } id
                    ? ForwardEndpoints.VmOf(id, context.RequestServices.GetRequiredService<VmLifecycle>())?.Id
                    : TextIn(body, "vm"),
            ShowVm
        );

    private static ShownSubject? ShowVm(HttpContext context, string name)
    {
        var vms = context.RequestServices.GetRequiredService<VmLifecycle>();
        return vms.Find(name) is { } vm
            ? new ShownSubject(vm.Id, JsonSerializer.Serialize(Mapping.Vm(vm, vms), ApiJson.Default.Vm))
            : null;
    }

    private static ShownSubject? ShowPool(HttpContext context, string name) =>
        context.RequestServices.GetRequiredService<PoolView>().Find(name) is { } pool
            ? new ShownSubject(pool.Name, JsonSerializer.Serialize(pool, ApiJson.Default.Pool))
            : null;

    /// <summary>Without its secret, which nobody knows.</summary>
    private static ShownSubject? ShowKey(HttpContext context, string name)
    {
        var services = context.RequestServices;
        return services.GetRequiredService<ApiKeyDirectory>().FindByName(name) is { } key
            ? new ShownSubject(
                key.Key.Id,
                JsonSerializer.Serialize(
                    KeyEndpoints.Shown(key, services.GetRequiredService<TimeProvider>()),
                    ApiJson.Default.ApiKey
                )
            )
            : null;
    }

    private static string? RouteText(HttpContext context, string name) =>
        context.Request.RouteValues.TryGetValue(name, out var value)
            ? Convert.ToString(value, CultureInfo.InvariantCulture)
            : null;

    private static string? TextIn(JsonElement? body, string member) =>
        body is { ValueKind: JsonValueKind.Object } document
        && document.TryGetProperty(member, out var value)
        && value.ValueKind == JsonValueKind.String
            ? value.GetString()
            : null;
}

/// <param name="Document">As the API shows it; null where it is not kept.</param>
internal sealed record ShownSubject(string Id, string? Document);
