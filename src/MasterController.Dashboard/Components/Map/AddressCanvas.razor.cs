using MasterController.Dashboard.Text;
using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;

namespace MasterController.Dashboard.Components.Map;

/// <summary>
/// The picture, which wwwroot/js/address-map.js draws. It is sent a byte a cell once for each network, and then only
/// the cells that have changed.
/// </summary>
public sealed partial class AddressCanvas : IDisposable
{
    private ElementReference _canvas;
    private ElementReference _tip;
    private ElementReference _told;
    private DotNetObjectReference<AddressCanvas>? _self;
    private IJSObjectReference? _module;
    private IJSObjectReference? _map;
    private MapCells? _shown;
    private string? _marked;
    private bool _busy;

    [Parameter]
    public MapCells? Cells { get; set; }

    /// <summary>The address that is ringed.</summary>
    [Parameter]
    public string? Selected { get; set; }

    /// <summary>Whether another network is on its way.</summary>
    [Parameter]
    public bool Busy { get; set; }

    /// <summary>A cell was chosen; its first address.</summary>
    [Parameter]
    public EventCallback<string> OnActivate { get; set; }

    [Parameter]
    public EventCallback OnBack { get; set; }

    /// <summary>Who has an address, in words.</summary>
    [Parameter]
    public Func<string, Task<string?>>? Owner { get; set; }

    [JSInvokable]
    public Task ActivateAsync(string address) =>
        Cidr.TryAddress(address, out _) ? OnActivate.InvokeAsync(address) : Task.CompletedTask;

    [JSInvokable]
    public Task BackAsync() => OnBack.InvokeAsync();

    [JSInvokable]
    public async Task<string?> OwnerAsync(string address) =>
        Owner is { } ask && Cidr.TryAddress(address, out _) ? await ask(address) : null;

    public void Dispose() => _self?.Dispose();

    public async ValueTask DisposeAsync()
    {
        Dispose();
        try
        {
            if (_map is not null)
            {
                await _map.InvokeVoidAsync("dispose");
                await _map.DisposeAsync();
            }
            if (_module is not null)
                await _module.DisposeAsync();
        }
        catch (JSDisconnectedException)
        {
            // The browser is gone, and the picture with it.
        }
    }

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (firstRender)
        {
            _self = DotNetObjectReference.Create(this);
            _module = await Js.InvokeAsync<IJSObjectReference>("import", $"/{Assets["js/address-map.js"]}");
            _map = await _module.InvokeAsync<IJSObjectReference>(
                "create",
                new
                {
                    canvas = _canvas,
                    tip = _tip,
                    told = _told,
                },
                _self,
                MapCells.States
            );
        }
        // Until it is there, later renderings have nothing to draw on; the first draws what they brought.
        if (_map is { } map)
            await DrawAsync(map);
    }

    private async Task DrawAsync(IJSObjectReference map)
    {
        var before = _shown;
        if (Cells is { } cells && cells != before)
        {
            _shown = cells;
            if (cells.ChangesSince(before) is not { } changes)
                await map.InvokeVoidAsync("show", cells.Network.ToString(), cells.CellPrefix, cells.Codes);
            else if (changes.Length > 0)
                await map.InvokeVoidAsync("change", changes);
            _busy = false;
        }
        if (Busy && !_busy)
            await map.InvokeVoidAsync("busy");
        _busy = Busy;
        if (_marked != Selected)
        {
            _marked = Selected;
            await map.InvokeVoidAsync("select", Selected);
        }
    }
}
