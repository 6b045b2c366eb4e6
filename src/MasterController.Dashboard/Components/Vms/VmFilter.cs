using MasterController.Dashboard.Text;

namespace MasterController.Dashboard.Components.Vms;

/// <summary>Which VMs are shown; as it is in the address bar, and in the API's query.</summary>
/// <param name="Name">All of it: the API finds no parts of names.</param>
/// <param name="Label">"key=value".</param>
public sealed record VmFilter(
    string? Status = null,
    string? Type = null,
    string? Owner = null,
    string? Pool = null,
    string? Name = null,
    string? Label = null
)
{
    public static IReadOnlyList<string> Statuses { get; } =
    ["creating", "starting", "running", "stopping", "stopped", "failed", "deleting"];

    public bool IsEmpty => this == new VmFilter();

    /// <summary>The address of the page that shows these.</summary>
    public string Page() => QueryText.To("/vms", Parameters);

    public string Request(int limit, string? cursor) =>
        QueryText.To("vms", [.. Parameters, ("limit", $"{limit}"), ("cursor", cursor)]);

    private (string, string?)[] Parameters =>
        [("status", Status), ("type", Type), ("owner", Owner), ("pool", Pool), ("name", Name), ("label", Label)];
}
