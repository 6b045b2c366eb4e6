using MasterController.Contracts;
using MasterController.Dashboard.Live;
using MasterController.Dashboard.Text;
using Microsoft.AspNetCore.Components;

namespace MasterController.Dashboard.Components.Pages;

/// <summary>Long work, newest first, with its steps as they are done.</summary>
public sealed partial class Operations
{
    /// <summary>The controller remembers a thousand; the newest of them are what one looks for.</summary>
    private const int Most = 300;

    private static readonly (string, string)[] _statuses =
    [
        ("running", "Running"),
        ("succeeded", "Succeeded"),
        ("failed", "Failed"),
        ("rolled-back", "Rolled back"),
    ];

    private readonly HashSet<string> _open = new(StringComparer.Ordinal);
    private readonly SortedSet<string> _kinds = new(StringComparer.Ordinal);
    private List<Operation>? _items;
    private int _all;
    private Soon? _soon;
    private (string?, string?, string?, string?)? _read;

    [SupplyParameterFromQuery]
    public string? Status { get; set; }

    [SupplyParameterFromQuery]
    public string? Kind { get; set; }

    [SupplyParameterFromQuery]
    public string? Subject { get; set; }

    /// <summary>Only this one, with its steps shown.</summary>
    [SupplyParameterFromQuery]
    public string? Id { get; set; }

    [Inject]
    private NavigationManager Navigation { get; set; } = null!;

    private string? Subtitle =>
        _items is null ? null
        : _all > Most ? $"The newest {Most} of {Format.Count(_all)}"
        : _all == 1 ? "1 operation"
        : $"{Format.Count(_all)} operations";

    private (string, string)[] Kinds =>
        [.. _kinds.Union(Kind is null ? [] : [Kind], StringComparer.Ordinal).Select(k => (k, k))];

    protected override void OnInitialized()
    {
        base.OnInitialized();
        _soon = Rereading(ReadAsync, TimeSpan.FromMilliseconds(500));
    }

    protected override async Task OnParametersSetAsync()
    {
        var wanted = (Status, Kind, Subject, Id);
        if (_read == wanted)
            return;
        _read = wanted;
        if (Id is not null)
            _open.Add(Id);
        await ReadAsync();
    }

    protected override Task OnHappenedAsync(Event happened)
    {
        if (happened.Type.StartsWith("operation.", StringComparison.Ordinal))
            _soon?.Want();
        return Task.CompletedTask;
    }

    protected override void OnFoundAgain() => _soon?.Want();

    private Task<bool> ReadAsync() =>
        TryAsync(async () =>
        {
            var wanted = _read;
            IReadOnlyList<Operation> items;
            if (Id is not null)
                items =
                [
                    await Api.GetAsync($"operations/{Uri.EscapeDataString(Id)}", ContractsJson.Default.Operation, Ends),
                ];
            else
            {
                var path = Query.Of("operations", ("status", Status), ("kind", Kind), ("subject", Subject));
                items = (await Api.GetAsync(path, ContractsJson.Default.OperationList, Ends)).Items;
            }
            if (wanted != _read)
                return;
            _kinds.UnionWith(items.Select(o => o.Kind));
            (_items, _all) = ([.. items.Take(Most)], items.Count);
        });

    private void Go(string name, string? value) =>
        Navigation.NavigateTo(Navigation.GetUriWithQueryParameter(name, value), replace: true);

    private bool IsOpen(Operation operation) => _open.Contains(operation.Id);

    private void Toggle(Operation operation)
    {
        if (!_open.Remove(operation.Id))
            _open.Add(operation.Id);
    }

    private string Took(Operation operation) =>
        Format.Duration((operation.EndedAt ?? Clock.GetUtcNow()) - operation.StartedAt)
        + (operation.EndedAt is null ? " so far" : "");
}
