using MasterController.Contracts;
using MasterController.Dashboard.Text;

namespace MasterController.Dashboard.Components.Operations;

/// <summary>Where what an operation is about can be looked at.</summary>
public static class OperationLinks
{
    /// <summary>Null where no view shows it.</summary>
    public static string? Of(Operation operation) =>
        operation.Kind.Split('.')[0] switch
        {
            "vm" => $"/vms/{Uri.EscapeDataString(operation.Subject)}",
            "pool" => "/" + Query.Of("map", ("pool", operation.Subject)),
            _ => null,
        };
}
