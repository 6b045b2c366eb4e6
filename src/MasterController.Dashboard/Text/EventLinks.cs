using MasterController.Contracts;

namespace MasterController.Dashboard.Text;

/// <summary>Where an event, an alert or an operation is to be looked at.</summary>
public static class EventLinks
{
    public static string? Of(Event happened) =>
        happened.Type.Split('.')[0] switch
        {
            "vm" when happened.Type == "vm.deleted" => null,
            "vm" => $"/vms/{Uri.EscapeDataString(happened.Subject)}",
            "external" => $"/vms/{Uri.EscapeDataString(happened.Subject)}?tab=network",
            "operation" => Query.Of("/operations", ("id", happened.Subject)),
            "pool" => Query.Of("/grow", ("pool", happened.Subject)),
            "network" => "/drift",
            _ => null,
        };

    public static string? Of(Alert alert) =>
        alert.Code switch
        {
            "pool-threshold" or "pool-full-soon" => Query.Of("/grow", ("pool", alert.Subject)),
            "vms-failed" => "/vms?status=failed",
            "drift" or "reconcile-stale" => "/drift",
            "store-slow" => "/doctor",
            _ => null,
        };

    public static string Of(Operation operation) =>
        operation.Kind.StartsWith("pool.", StringComparison.Ordinal) ? Query.Of("/grow", ("operation", operation.Id))
        : operation.Kind.StartsWith("vm.", StringComparison.Ordinal) ? $"/vms/{Uri.EscapeDataString(operation.Subject)}"
        : Query.Of("/operations", ("id", operation.Id));
}
