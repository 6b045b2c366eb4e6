using MasterController.Contracts;
using MasterController.Dashboard.Components.Drift;
using MasterController.Dashboard.Live;
using MasterController.Dashboard.Text;
using Microsoft.AspNetCore.Components;
using MudBlazor;

namespace MasterController.Dashboard.Components.Pages;

/// <summary>The kernel against what should be: what differs, whose it is, and its repair after a plan.</summary>
public sealed partial class Drift
{
    private const int Most = 300;

    private NetworkStatus? _network;
    private NetworkDriftList? _drift;
    private Soon? _soon;
    private bool? _read;

    /// <summary>Whether what has ended is shown too.</summary>
    [SupplyParameterFromQuery]
    public bool History { get; set; }

    [Inject]
    private IDialogService Dialogs { get; set; } = null!;

    [Inject]
    private NavigationManager Navigation { get; set; } = null!;

    /// <summary>Why there is no repair now; null where there is.</summary>
    private string? WhyNot =>
        !May(Roles.Admin)
            ? (Now.Me is null ? "Who you are is not known yet." : "A repair, and its plan, need the role admin.")
        : _network?.Mode == "none"
            ? "There is no host network to repair: the controller runs with network mode \"none\"."
        : null;

    protected override void OnInitialized()
    {
        base.OnInitialized();
        _soon = Rereading(ReadAsync, TimeSpan.FromSeconds(1));
    }

    protected override async Task OnParametersSetAsync()
    {
        if (_read == History)
            return;
        _read = History;
        await ReadAsync();
    }

    protected override Task OnHappenedAsync(Event happened)
    {
        if (happened.Type.StartsWith("network.", StringComparison.Ordinal))
            _soon?.Want();
        return Task.CompletedTask;
    }

    protected override void OnFoundAgain() => _soon?.Want();

    private Task<bool> ReadAsync() =>
        TryAsync(async () =>
        {
            var history = History;
            var network = await Api.GetAsync("network", ContractsJson.Default.NetworkStatus, Ends);
            var path = Query.Of("network/drift", ("history", history ? "true" : null), ("limit", $"{Most}"));
            var drift = await Api.GetAsync(path, ContractsJson.Default.NetworkDriftList, Ends);
            if (history == History)
                (_network, _drift) = (network, drift);
        });

    private async Task RepairAsync()
    {
        var dialog = await Dialogs.ShowAsync<RepairDialog>("Repair");
        await dialog.Result;
        await ReadAsync();
    }

    private void Toggle(ChangeEventArgs e) =>
        Navigation.NavigateTo(
            Navigation.GetUriWithQueryParameter("history", e.Value is true ? true : (bool?)null),
            replace: true
        );
}
