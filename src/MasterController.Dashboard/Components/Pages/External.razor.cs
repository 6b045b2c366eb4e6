using MasterController.Contracts;
using MasterController.Dashboard.Components.External;
using MasterController.Dashboard.Live;
using Microsoft.AspNetCore.Components;
using MudBlazor;

namespace MasterController.Dashboard.Components.Pages;

/// <summary>Dedicated addresses, forwards, and what was changed about both, with the way back.</summary>
public sealed partial class External
{
    private const int Most = 200;

    private ExternalStatus? _status;
    private DedicatedAddressList? _addresses;
    private ForwardList? _forwards;
    private ExternalChangeList? _past;
    private Soon? _soon;

    [Inject]
    private IDialogService Dialogs { get; set; } = null!;

    [Inject]
    private ISnackbar Told { get; set; } = null!;

    private bool MayChange => May(Roles.Operator);

    private string? Why => MayChange ? null : "Needs the role operator; this key is a viewer's.";

    protected override async Task OnInitializedAsync()
    {
        _soon = Rereading(ReadAsync, TimeSpan.FromSeconds(1));
        await ReadAsync();
    }

    protected override Task OnHappenedAsync(Event happened)
    {
        if (happened.Type is "external.changed" or "vm.deleted" or "vm.running" or "vm.stopped")
            _soon?.Want();
        return Task.CompletedTask;
    }

    protected override void OnFoundAgain() => _soon?.Want();

    private Task<bool> ReadAsync() =>
        TryAsync(async () =>
        {
            _status = await Api.GetAsync("external", ContractsJson.Default.ExternalStatus, Ends);
            _addresses = await Api.GetAsync(
                $"external/addresses?limit={Most}",
                ContractsJson.Default.DedicatedAddressList,
                Ends
            );
            _forwards = await Api.GetAsync($"forwards?limit={Most}", ContractsJson.Default.ForwardList, Ends);
            _past = await Api.GetAsync(
                $"external/history?limit={Most}",
                ContractsJson.Default.ExternalChangeList,
                Ends
            );
        });

    private async Task AddForwardAsync()
    {
        var dialog = await Dialogs.ShowAsync<ForwardDialog>("Forward a port");
        if (await dialog.Result is { Canceled: false, Data: ExternalChange done })
            await DoneAsync(done);
    }

    private async Task EndForwardAsync(Forward forward)
    {
        var done = await ChangeDialog.AskAsync(
            Dialogs,
            $"End the forward of port {forward.HostPorts} to {forward.VmName}",
            "End the forward",
            plan =>
                Api.SendAsync(
                    HttpMethod.Delete,
                    $"forwards/{forward.Id}{(plan ? "?plan=true" : "")}",
                    ContractsJson.Default.ExternalChange
                )
        );
        if (done is not null)
            await DoneAsync(done);
    }

    private async Task RollBackAsync(ExternalChange change)
    {
        var done = await ChangeDialog.AskAsync(
            Dialogs,
            "Roll back a change",
            "Roll back",
            plan =>
                Api.SendAsync(
                    HttpMethod.Post,
                    $"external/history/{change.Id}/rollback",
                    new RollbackExternalRequest(plan),
                    ContractsJson.Default.RollbackExternalRequest,
                    ContractsJson.Default.ExternalChange
                )
        );
        if (done is not null)
            await DoneAsync(done);
    }

    private Task CheckAsync(string vm) =>
        Dialogs.ShowAsync<CheckDialog>("Check", new DialogParameters<CheckDialog> { { d => d.Vm, vm } });

    private Task DoneAsync(ExternalChange done)
    {
        Told.Add(done.Summary, Severity.Success);
        return ReadAsync();
    }
}
