using MasterController.Contracts;
using MasterController.Dashboard.Text;

namespace MasterController.Dashboard.Components.Vms;

internal static class VmText
{
    /// <summary>How long its guest took; null while it has not said so.</summary>
    public static string? ReadyAfter(Vm vm) =>
        vm is { StartedAt: { } started, ReadyAt: { } ready } && ready >= started
            ? (ready - started).TotalSeconds < 10
                ? string.Create(
                    System.Globalization.CultureInfo.InvariantCulture,
                    $"{(ready - started).TotalSeconds:0.0} s"
                )
                : Format.Duration(ready - started)
            : null;
}
