using MasterController.Contracts;
using MasterController.Dashboard.Live;
using Microsoft.AspNetCore.Components;
using MudBlazor;

namespace MasterController.Dashboard.Components.VmDetails;

/// <summary>A form for a change of how a VM is reached: filled in, shown as a plan, then done.</summary>
public abstract class ExternalDialog : LiveComponent
{
    [Parameter, EditorRequired]
    public Vm Vm { get; set; } = null!;

    internal static async Task ShowAsync<T>(IDialogService dialogs, string title, Vm vm)
        where T : ExternalDialog
    {
        var dialog = await dialogs.ShowAsync<T>(title, new DialogParameters { [nameof(Vm)] = vm }, Options);
        await dialog.Result;
    }

    internal static DialogOptions Options { get; } =
        new()
        {
            CloseOnEscapeKey = true,
            BackdropClick = false,
            MaxWidth = MaxWidth.Medium,
            FullWidth = true,
        };

    /// <summary>"tcp/22, icmp" as two; null where there are none.</summary>
    protected static IReadOnlyList<string>? Split(string? text) =>
        text?.Split([',', ' '], StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            is { Length: > 0 } parts
            ? parts
            : null;
}
