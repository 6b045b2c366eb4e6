using MasterController.Daemon.Access;

namespace MasterController.Tests.Daemon;

/// <summary>Who may use an endpoint, as it is meant to be: written here once more, so that a slip there is seen here.</summary>
/// <param name="Least">Null: everybody, without a key.</param>
/// <param name="Scope">How it keeps to a caller's scope; null where scoped callers are refused.</param>
internal sealed record EndpointAccess(Role? Least, ScopePart? Scope = null)
{
    private static readonly EndpointAccess Anybody = new(Least: null);
    private static readonly EndpointAccess Viewer = new(Role.Viewer);
    private static readonly EndpointAccess ViewerInScope = new(Role.Viewer, ScopePart.Handler);
    private static readonly EndpointAccess ViewerOfVm = new(Role.Viewer, ScopePart.Vm);
    private static readonly EndpointAccess ViewerOfPool = new(Role.Viewer, ScopePart.Pool);
    private static readonly EndpointAccess Operator = new(Role.Operator);
    private static readonly EndpointAccess OperatorInScope = new(Role.Operator, ScopePart.Handler);
    private static readonly EndpointAccess OperatorOfVm = new(Role.Operator, ScopePart.Vm);
    private static readonly EndpointAccess Admin = new(Role.Admin);

    /// <summary>Every endpoint that there is.</summary>
    public static IReadOnlyDictionary<string, EndpointAccess> All { get; } =
        new Dictionary<string, EndpointAccess>
        {
            ["GET /healthz"] = Anybody,
            ["GET /readyz"] = Anybody,
            ["GET /openapi/{documentName}.json"] = Anybody,

            ["GET /api/v1/vms"] = ViewerInScope,
            ["POST /api/v1/vms"] = OperatorInScope,
            ["GET /api/v1/vms/{id}"] = ViewerOfVm,
            ["DELETE /api/v1/vms/{id}"] = OperatorOfVm,
            ["POST /api/v1/vms/{id}/start"] = OperatorOfVm,
            ["POST /api/v1/vms/{id}/stop"] = OperatorOfVm,
            ["POST /api/v1/vms/{id}/restart"] = OperatorOfVm,
            ["PUT /api/v1/vms/{id}/egress"] = OperatorOfVm,
            ["DELETE /api/v1/vms/{id}/egress"] = OperatorOfVm,
            ["PUT /api/v1/vms/{id}/rate-limit"] = OperatorOfVm,
            ["DELETE /api/v1/vms/{id}/rate-limit"] = OperatorOfVm,
            ["POST /api/v1/vms/{id}/open"] = OperatorOfVm,
            ["POST /api/v1/vms/{id}/close"] = OperatorOfVm,
            ["POST /api/v1/vms/{id}/addresses"] = OperatorOfVm,
            ["DELETE /api/v1/vms/{id}/addresses/{address}"] = OperatorOfVm,
            ["POST /api/v1/vms/{id}/external-check"] = OperatorOfVm,
            ["GET /api/v1/vms/{id}/console"] = ViewerOfVm,
            ["GET /api/v1/vms/{id}/traffic"] = ViewerOfVm,

            ["GET /api/v1/pools"] = ViewerInScope,
            ["POST /api/v1/pools"] = Admin,
            ["GET /api/v1/pools/{pool}"] = ViewerOfPool,
            ["DELETE /api/v1/pools/{pool}"] = Admin,
            ["POST /api/v1/pools/{pool}/plans"] = Operator,
            ["GET /api/v1/pools/{pool}/plans/{plan}"] = Viewer,
            ["POST /api/v1/pools/{pool}/plans/{plan}/apply"] = Admin,
            ["POST /api/v1/pools/{pool}/confirm"] = Admin,
            ["GET /api/v1/pools/{pool}/history"] = ViewerOfPool,
            ["GET /api/v1/pools/{pool}/stats"] = ViewerOfPool,
            ["GET /api/v1/pools/{pool}/subnets"] = ViewerOfPool,
            ["GET /api/v1/pools/{pool}/free"] = ViewerOfPool,
            ["GET /api/v1/pools/{pool}/map"] = ViewerOfPool,
            ["GET /api/v1/pools/{pool}/utilisation"] = ViewerOfPool,
            ["GET /api/v1/pools/{pool}/leases"] = ViewerInScope,
            ["POST /api/v1/pools/{pool}/leases"] = OperatorInScope,
            ["DELETE /api/v1/pools/{pool}/leases/{address}"] = OperatorInScope,

            ["GET /api/v1/addresses/{address}"] = Viewer,
            ["GET /api/v1/addresses/{address}/history"] = Viewer,
            ["GET /api/v1/forwards"] = ViewerInScope,
            ["POST /api/v1/forwards"] = OperatorInScope,
            ["DELETE /api/v1/forwards/{id}"] = OperatorInScope,
            ["GET /api/v1/external"] = Viewer,
            ["GET /api/v1/external/addresses"] = ViewerInScope,
            ["GET /api/v1/external/history"] = ViewerInScope,
            ["POST /api/v1/external/history/{id}/rollback"] = Operator,

            ["GET /api/v1/network"] = Viewer,
            ["GET /api/v1/network/drift"] = Viewer,
            ["POST /api/v1/network/repair"] = Admin,
            ["GET /api/v1/network/adoption"] = Viewer,
            ["POST /api/v1/network/adoption"] = Admin,
            ["GET /api/v1/network/traffic"] = ViewerInScope,

            ["GET /api/v1/images"] = ViewerInScope,
            ["POST /api/v1/images"] = Admin,
            ["GET /api/v1/operations"] = ViewerInScope,
            ["GET /api/v1/operations/{id}"] = ViewerInScope,
            ["GET /api/v1/events"] = ViewerInScope,
            ["GET /api/v1/events/history"] = Viewer,
            ["GET /api/v1/stats"] = Viewer,
            ["GET /api/v1/host"] = Viewer,
            ["GET /api/admin/stats"] = Viewer,
            ["ANY /metrics"] = Viewer,
            ["GET /api/v1/doctor"] = Viewer,

            ["GET /api/v1/whoami"] = ViewerInScope,
            ["GET /api/v1/keys"] = Admin,
            ["POST /api/v1/keys"] = Admin,
            ["DELETE /api/v1/keys/{key}"] = Admin,
            ["GET /api/v1/audit"] = Admin,
            ["GET /api/v1/quotas"] = Admin,
            ["GET /api/v1/quotas/{owner}"] = Admin,
            ["PUT /api/v1/quotas/{owner}"] = Admin,
            ["DELETE /api/v1/quotas/{owner}"] = Admin,
            ["GET /api/v1/webhooks"] = Admin,
            ["POST /api/v1/webhooks"] = Admin,
            ["GET /api/v1/webhooks/{name}"] = Admin,
            ["DELETE /api/v1/webhooks/{name}"] = Admin,
            ["POST /api/v1/webhooks/{name}/test"] = Admin,
        };

    /// <summary>Those of the page that shows the document, whose paths are its own affair.</summary>
    public static bool IsOfReferencePage(string endpoint) => endpoint.StartsWith("GET /docs", StringComparison.Ordinal);
}
