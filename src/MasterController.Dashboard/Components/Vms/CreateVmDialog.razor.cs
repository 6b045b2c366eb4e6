using System.Collections.Concurrent;
using MasterController.Contracts;
using MasterController.Dashboard.Api;
using Microsoft.AspNetCore.Components;
using MudBlazor;

namespace MasterController.Dashboard.Components.Vms;

/// <summary>Asks for one VM, or up to fifty alike.</summary>
public sealed partial class CreateVmDialog
{
    private static readonly (string, string)[] _egress =
    [
        ("", "as the type says"),
        ("allow", "allow"),
        ("deny", "deny"),
    ];

    private readonly CreateVmForm _form = new();
    private readonly ConcurrentQueue<string> _created = new();
    private IReadOnlyList<Image> _images = [];
    private Exception? _error;
    private BulkRun? _run;
    private bool _busy;

    [CascadingParameter]
    private IMudDialogInstance Dialog { get; set; } = null!;

    [Inject]
    private ISnackbar Snackbar { get; set; } = null!;

    [Parameter]
    public string? Type { get; set; }

    [Parameter]
    public string? Pool { get; set; }

    [Parameter]
    public string? Owner { get; set; }

    private IEnumerable<string> Types =>
        Now.Stats?.Vms.ByType.Select(t => t.Type).Where(t => t is not ("cli" or "browser")) ?? [];

    /// <summary>The ids of those that were created; what is filtered by is filled in.</summary>
    public static async Task<IReadOnlyList<string>> ShowAsync(
        IDialogService dialogs,
        string? type,
        string? pool,
        string? owner
    )
    {
        var dialog = await dialogs.ShowAsync<CreateVmDialog>(
            "Create VM",
            new DialogParameters<CreateVmDialog>
            {
                { d => d.Type, type },
                { d => d.Pool, pool },
                { d => d.Owner, owner },
            },
            new DialogOptions
            {
                CloseOnEscapeKey = true,
                BackdropClick = false,
                MaxWidth = MaxWidth.Medium,
                FullWidth = true,
            }
        );
        return (await dialog.Result)?.Data as IReadOnlyList<string> ?? [];
    }

    protected override async Task OnInitializedAsync()
    {
        (_form.Type, _form.Pool, _form.Owner) = (Type, Pool, Owner ?? Now.Me?.Owner);
        // Only suggestions: without them an image is typed.
        await Refusal.OfAsync(async () =>
            _images = (await Api.GetAsync("images", ContractsJson.Default.ImageList, Ends)).Items
        );
    }

    private async Task CreateAsync()
    {
        _error = null;
        var wishes = _form.Read();
        if (wishes.Count == 0)
            return;
        _busy = true;
        if (wishes.Count == 1)
            _error = await Refusal.OfAsync(() => CreateAsync(wishes[0]));
        else
            await CreateAsync(wishes);
        _busy = false;
        if (_error is not null || _run is { Failures.Count: > 0 })
            return;
        Snackbar.Add(
            _created.Count == 1 ? "The VM is being created." : $"{_created.Count} VMs are being created.",
            Severity.Success
        );
        Close();
    }

    private async Task CreateAsync(CreateVmRequest wish)
    {
        var (body, vm) = (ContractsJson.Default.CreateVmRequest, ContractsJson.Default.Vm);
        _created.Enqueue((await Api.SendAsync(HttpMethod.Post, "vms", wish, body, vm)).Id);
    }

    private Task CreateAsync(IReadOnlyList<CreateVmRequest> wishes)
    {
        (string, string)[] items = [.. wishes.Select((w, i) => ($"{i}", w.Name ?? $"VM {i + 1}"))];
        _run = new BulkRun(
            items,
            (i, _) => CreateAsync(wishes[int.Parse(i, System.Globalization.CultureInfo.InvariantCulture)])
        );
        _run.Progressed += RenderSoon;
        return _run.RunAsync(Ends);
    }

    private void Close() => Dialog.Close(DialogResult.Ok<IReadOnlyList<string>>([.. _created]));

    /// <summary>What is wrong with a field, here or as the controller says, also where it names it by the problem alone.</summary>
    private IReadOnlyList<string> Errors(string field)
    {
        if (_form.Wrong.TryGetValue(field, out var wrong))
            return [wrong];
        if (Refusal.Of(_error, field) is { Count: > 0 } said)
            return said;
        return _error is ApiException refused && FieldOf(refused.Kind) == field ? [refused.Message] : [];
    }

    private static string? FieldOf(string kind) =>
        kind switch
        {
            ProblemTypes.NameTaken => "name",
            ProblemTypes.AddressInUse
            or ProblemTypes.AddressCooling
            or ProblemTypes.AddressReserved
            or ProblemTypes.AddressOutsidePool => "address",
            ProblemTypes.PoolExhausted => "pool",
            ProblemTypes.ImageMissing or ProblemTypes.ImageBuilding => "image",
            ProblemTypes.NoDedicatedAddress => "ipv6",
            _ => null,
        };
}
