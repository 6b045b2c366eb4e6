using MasterController.Contracts;
using MasterController.Dashboard.Api;
using MasterController.Dashboard.Components.Map;
using MasterController.Dashboard.Live;
using MasterController.Dashboard.Text;
using Microsoft.AspNetCore.Components;

namespace MasterController.Dashboard.Components.Pages;

/// <summary>The map of a pool: which network is shown, and which address is looked at, is in the address bar.</summary>
public sealed partial class AddressSpace
{
    private MapCells? _cells;
    private Cidr? _whole;
    private string? _wholeOf;
    private Soon? _soon;
    private Soon? _later;
    private string? _wanted;
    private string? _wrong;
    private string? _seen;
    private bool _isAddress;
    private bool _loading;
    private int _turn;
    private (string?, string?) _read;

    /// <summary>The whole pool when left out.</summary>
    [SupplyParameterFromQuery]
    public string? Network { get; set; }

    [SupplyParameterFromQuery]
    public string? Address { get; set; }

    private string? Subtitle =>
        CurrentPool is { } pool ? $"{Format.Count(pool.Used)} of {Format.Count(pool.Total)} addresses used" : null;

    protected override async Task OnInitializedAsync()
    {
        _soon = new Soon(() => InvokeAsync(RefreshAsync), TimeSpan.FromSeconds(1), Clock, Ends);
        _later = new Soon(() => InvokeAsync(CooledAsync), TimeSpan.FromSeconds(10), Clock, Ends);
        await BeginAsync();
    }

    protected override void ReadAgain() => _soon?.Want();

    protected override async Task OnParametersSetAsync()
    {
        _isAddress = Cidr.TryAddress(Address, out var address);
        // What Find has said stays until another address is looked at.
        if (_seen != Address)
            _wrong = Address is null || _isAddress ? null : $"\"{Address}\" is not an IPv4 address.";
        _seen = Address;
        if (Pools is null || Current is null)
            return;
        var wanted = (Current, Network);
        if (_read == wanted)
            return;
        var isFirst = _read == default;
        _read = wanted;
        _loading = true;
        await ReadAsync();
        _loading = false;
        // A link to an address alone shows where it lies.
        if (isFirst && Network is null && _isAddress && _whole is { } whole && whole.Contains(address))
            ShowNetwork(MapZoom.Near(whole, address));
    }

    protected override Task OnHappenedAsync(Event happened)
    {
        if (happened.Type.Split('.')[0] is "lease" or "vm" or "pool")
            _soon?.Want();
        return Task.CompletedTask;
    }

    private async Task RefreshAsync()
    {
        if (!await ReadPoolsAsync() || Current is null)
            return;
        await ReadAsync();
        _turn++;
        StateHasChanged();
    }

    private Task<bool> ReadAsync() =>
        TryAsync(async () =>
        {
            await ReadCellsAsync();
            if (CurrentPool is { Cooling: > 0 })
                _later!.Want();
        });

    private async Task ReadCellsAsync()
    {
        var wanted = (Current, Network);
        if (_wholeOf != Current || Network is null)
        {
            var all = MapCells.Of(await Api.GetAsync(Path("map"), ContractsJson.Default.AddressMap, Ends));
            (_whole, _wholeOf) = (all.Network, wanted.Current);
            if (Network is null && wanted == (Current, Network))
                _cells = all;
        }
        if (wanted.Network is null)
            return;
        var path = Path("map", ("network", wanted.Network));
        var cells = MapCells.Of(await Api.GetAsync(path, ContractsJson.Default.AddressMap, Ends));
        if (wanted == (Current, Network))
            _cells = cells;
    }

    /// <summary>The end of a cool-down is no event.</summary>
    private async Task CooledAsync()
    {
        if (!Live.Paused)
            await RefreshAsync();
        else
            _later!.Want();
    }

    private void ShowNetwork(Cidr network) => Go(("network", network == _whole ? null : network.ToString()));

    private void Activate(string first)
    {
        if (_cells is null || !Cidr.TryAddress(first, out var address))
            return;
        if (MapZoom.Into(_cells.Network, address) is { } into)
            ShowNetwork(into);
        else
            Go(("address", first));
    }

    private void Back()
    {
        if (_cells is null || _whole is not { } whole)
            return;
        var trail = MapZoom.Trail(whole, _cells.Network);
        if (trail.Count > 1)
            ShowNetwork(trail[^2]);
    }

    private async Task<string?> OwnerAsync(string address)
    {
        try
        {
            var info = await Api.GetAsync($"addresses/{address}", ContractsJson.Default.AddressInfo, Ends);
            return info.Vm is { } vm ? $"VM {vm}" : info.Owner ?? info.Reason;
        }
        catch (Exception refused) when (refused is ApiException or ControllerUnreachableException)
        {
            // The picture says what is known without it.
            return null;
        }
    }

    private async Task FindAsync()
    {
        _wrong = null;
        var wanted = _wanted?.Trim() ?? "";
        if (wanted.Length == 0)
        {
            _wrong = "Type an IPv4 address, or the name of a VM.";
            return;
        }
        await TryAsync(async () =>
        {
            if (!Cidr.TryAddress(wanted, out _) && await AddressOfAsync(wanted) is { } found)
                wanted = found;
            if (!Cidr.TryAddress(wanted, out var address))
            {
                _wrong = $"\"{wanted}\" is neither an IPv4 address nor a VM.";
                return;
            }
            var info = await Api.GetAsync($"addresses/{wanted}", ContractsJson.Default.AddressInfo, Ends);
            if (info.Pool is null)
                _wrong = $"{wanted} lies in no pool.";
            else
                Go(
                    ("pool", info.Pool == Current ? PoolName : info.Pool),
                    ("network", Cidr.Around(address, 24) == _whole ? null : Near(info, address).ToString()),
                    ("address", wanted)
                );
        });
    }

    private Cidr Near(AddressInfo info, uint address) =>
        info.Pool == _wholeOf && _whole is { } whole ? MapZoom.Near(whole, address) : Cidr.Around(address, 24);

    private async Task<string?> AddressOfAsync(string vm)
    {
        try
        {
            return (await Api.GetAsync($"vms/{Uri.EscapeDataString(vm)}", ContractsJson.Default.Vm, Ends)).Address;
        }
        catch (ApiException refused) when (refused.Status is 400 or 404)
        {
            return null;
        }
    }
}
