using MasterController.Contracts;
using MasterController.Dashboard.Api;
using MasterController.Dashboard.Components.Shared;
using MasterController.Dashboard.Components.Vms;
using MasterController.Dashboard.Live;
using MasterController.Dashboard.Text;
using Microsoft.AspNetCore.Components;
using MudBlazor;

namespace MasterController.Dashboard.Components.Pages;

/// <summary>One VM, by id or name.</summary>
public sealed partial class VmPage
{
    private static readonly (string Tab, string Text)[] _tabs =
    [
        ("facts", "Facts"),
        ("console", "Console"),
        ("network", "Network"),
        ("events", "Events"),
        ("address", "History of its address"),
    ];

    private Vm? _vm;
    private string? _shownId;
    private Exception? _error;
    private Soon _reading = null!;
    private bool _isGone;
    private bool _busy;

    [Inject]
    private IDialogService Dialogs { get; set; } = null!;

    [Inject]
    private ISnackbar Snackbar { get; set; } = null!;

    [Parameter]
    public string Id { get; set; } = "";

    [SupplyParameterFromQuery]
    private string? Tab { get; set; }

    private string Shown => Array.Exists(_tabs, t => t.Tab == Tab) ? Tab! : "facts";

    private string? Subtitle => _vm is { } vm ? $"{vm.Type}, {vm.Address} of the pool {vm.Pool}" : null;

    protected override void OnInitialized()
    {
        base.OnInitialized();
        _reading = new Soon(() => InvokeAsync(ReadAsync), TimeSpan.FromMilliseconds(200), Clock, Ends);
    }

    protected override async Task OnParametersSetAsync()
    {
        if (_shownId == Id)
            return;
        (_shownId, _vm, _isGone) = (Id, null, false);
        await ReadAsync();
    }

    protected override void OnFoundAgain() => _reading.Want();

    protected override Task OnHappenedAsync(Event happened)
    {
        if (happened.Subject != _vm?.Id)
            return Task.CompletedTask;
        if (happened.Type == "vm.deleted")
            _isGone = true;
        else if (!_isGone)
            _reading.Want();
        RenderSoon();
        return Task.CompletedTask;
    }

    private async Task ReadAsync()
    {
        var error = await Refusal.OfAsync(async () =>
            _vm = await Api.GetAsync($"vms/{Uri.EscapeDataString(Id)}", ContractsJson.Default.Vm, Ends)
        );
        if (_vm is not null && Refusal.IsNotFound(error))
            _isGone = true;
        else
            _error = error;
        RenderSoon();
    }

    private async Task DoAsync(BulkAction action)
    {
        var vm = _vm!;
        if (action.IsDelete && !await ConfirmAsync(vm))
            return;
        _busy = true;
        _error = await Refusal.OfAsync(() => Api.SendAsync(action.Method, action.Path(vm.Id), CancellationToken.None));
        _busy = false;
        if (_error is not null)
            return;
        Snackbar.Add($"{action.Gerund} {vm.Name}.", Severity.Success);
        _reading.Want();
    }

    private Task<bool> ConfirmAsync(Vm vm) =>
        ConfirmDialog.AskAsync(
            Dialogs,
            $"Delete {vm.Name}",
            body =>
                body.AddContent(0, $"The disk of {vm.Name} is gone for good, and its address {vm.Address} cools down."),
            "Delete",
            dangerous: true
        );
}
