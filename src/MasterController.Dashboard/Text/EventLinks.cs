using MasterController.Contracts;

namespace MasterController.Dashboard.Text;

/// <summary>Where an event, an alert or an operation is to be looked at.</summary>
public static class EventLinks
{
    public static string? Of(Event happened) =>
        happened.Type.Split('.')[0] switch
        {
            "vm" when happened.Type == "vm.deleted" => null,
            "vm" => $"/vms/{QueryText.Part(happened.Subject)}",
            "external" => $"/vms/{QueryText.Part(happened.Subject)}?tab=network",
            "operation" => "/operations",
            "pool" => QueryText.To("/grow", ("pool", happened.Subject)),
            "network" => "/drift",
            _ => null,
        };

    public static string? Of(Alert alert) =>
        alert.Code switch
        {
            "pool-threshold" or "pool-full-soon" => QueryText.To("/grow", ("pool", alert.Subject)),
            "vms-failed" => "/vms?status=failed",
            "drift" or "reconcile-stale" => "/drift",
            "store-slow" => "/doctor",
            _ => null,
        };

    public static string Of(Operation operation) =>
        operation.Kind.StartsWith("pool.", StringComparison.Ordinal)
            ? QueryText.To("/grow", ("operation", operation.Id))
        : operation.Kind.StartsWith("vm.", StringComparison.Ordinal) ? $"/vms/{QueryText.Part(operation.Subject)}"
        : "/operations";
}
