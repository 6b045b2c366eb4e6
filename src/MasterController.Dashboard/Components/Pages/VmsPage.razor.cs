using MasterController.Contracts;
using MasterController.Dashboard.Api;
using MasterController.Dashboard.Components.Vms;
using MasterController.Dashboard.Live;
using MasterController.Dashboard.Text;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web.Virtualization;
using MudBlazor;

namespace MasterController.Dashboard.Components.Pages;

/// <summary>All VMs, a screen of them at a time, in the order that the API lists them in.</summary>
public sealed partial class VmsPage
{
    /// <summary>More are not changed with one click.</summary>
    private const int MostSelected = 1000;

    private readonly Dictionary<string, string> _selected = new(StringComparer.Ordinal);
    private VmPager _pager = null!;
    private VmFilter? _shown;
    private Virtualize<Vm>? _rows;
    private Exception? _error;
    private Soon _refreshing = null!;
    private bool _selecting;

    [Inject]
    private NavigationManager Navigation { get; set; } = null!;

    [Inject]
    private IDialogService Dialogs { get; set; } = null!;

    [SupplyParameterFromQuery]
    private string? Status { get; set; }

    [SupplyParameterFromQuery]
    private string? Type { get; set; }

    [SupplyParameterFromQuery]
    private string? Owner { get; set; }

    [SupplyParameterFromQuery]
    private string? Pool { get; set; }

    [SupplyParameterFromQuery]
    private string? Name { get; set; }

    [SupplyParameterFromQuery]
    private string? Label { get; set; }

    /// <summary>Ages stand still while the page is paused.</summary>
    private DateTimeOffset Shown => Live.Paused && Now.At is { } at ? at : Clock.GetUtcNow();

    private VmFilter Filter => new(Status, Type, Owner, Pool, Name, Label);

    private string? Subtitle =>
        _pager.Total is { } total
            ? $"{Format.Count(total)} {(total == 1 ? "VM" : "VMs")}{(Filter.IsEmpty ? "" : " match")}, in order of creation"
            : null;

    private bool AllLoadedAreSelected => _pager.Loaded.Any() && _pager.Loaded.All(vm => _selected.ContainsKey(vm.Id));

    protected override void OnInitialized()
    {
        base.OnInitialized();
        _refreshing = new Soon(() => InvokeAsync(RefreshAsync), TimeSpan.FromMilliseconds(500), Clock, Ends);
    }

    protected override async Task OnParametersSetAsync()
    {
        if (_shown == Filter)
            return;
        _shown = Filter;
        _pager = Pager(Filter);
        _selected.Clear();
        if (_rows is not null)
            await _rows.RefreshDataAsync();
    }

    protected override void OnFoundAgain() => _refreshing.Want();

    protected override Task OnHappenedAsync(Event happened)
    {
        if (!happened.Type.StartsWith("vm.", StringComparison.Ordinal) && happened.Type != "external.changed")
            return Task.CompletedTask;
        if (happened.Type == "vm.deleted")
            _selected.Remove(happened.Subject);
        _refreshing.Want();
        return Task.CompletedTask;
    }

    private VmPager Pager(VmFilter filter) =>
        new(
            (limit, cursor, cancellationToken) =>
                Api.GetAsync(filter.Request(limit, cursor), ContractsJson.Default.VmList, cancellationToken)
        );

    private async ValueTask<ItemsProviderResult<Vm>> ProvideAsync(ItemsProviderRequest request)
    {
        var pager = _pager;
        IReadOnlyList<Vm> rows = [];
        var error = await Refusal.OfAsync(async () =>
            rows = await pager.ReadAsync(request.StartIndex, request.Count, request.CancellationToken)
        );
        request.CancellationToken.ThrowIfCancellationRequested();
        _error = error;
        RenderSoon();
        return new ItemsProviderResult<Vm>(rows, error is null ? pager.Total ?? 0 : 0);
    }

    private async Task RefreshAsync()
    {
        _pager.Forget();
        if (_rows is not null)
            await _rows.RefreshDataAsync();
        RenderSoon();
    }

    private void Apply(VmFilter filter) => Navigation.NavigateTo(filter.Page(), replace: true);

    private void Select(Vm vm, bool selected)
    {
        if (selected && _selected.Count < MostSelected)
            _selected[vm.Id] = vm.Name;
        else
            _selected.Remove(vm.Id);
    }

    private void SelectLoaded(ChangeEventArgs change)
    {
        foreach (var vm in _pager.Loaded)
            Select(vm, change.Value is true);
    }

    private void ClearSelection() => _selected.Clear();

    private async Task SelectAllAsync()
    {
        _selecting = true;
        _error = await Refusal.OfAsync(async () =>
        {
            var path = Filter.Request(MostSelected, cursor: null);
            var all = await Api.GetAsync(path, ContractsJson.Default.VmList, Ends);
            foreach (var vm in all.Items)
                Select(vm, selected: true);
        });
        _selecting = false;
    }

    private async Task DoAsync(BulkAction action)
    {
        (string, string)[] vms = [.. _selected.Select(s => (s.Key, s.Value))];
        await BulkDialog.ShowAsync(Dialogs, action, vms);
        await RefreshAsync();
    }

    private async Task CreateAsync()
    {
        var created = await CreateVmDialog.ShowAsync(Dialogs, Type, Pool, Owner);
        if (created is { Count: 1 })
            Navigation.NavigateTo($"/vms/{created[0]}");
        else
            await RefreshAsync();
    }
}
