using MasterController.Contracts;
using MasterController.Dashboard.Components.Subnets;
using MasterController.Dashboard.Live;
using MasterController.Dashboard.Text;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web.Virtualization;

namespace MasterController.Dashboard.Components.Pages;

/// <summary>The /24s of a pool: in address order all of them, page by page; by share the ends of the order.</summary>
public sealed partial class Subnets
{
    private const int MostSorted = 1000;

    private readonly SubnetTrends _trends = new();
    private PoolStats? _stats;
    private SubnetPages? _pages;
    private IReadOnlyList<SubnetStats> _sorted = [];
    private Virtualize<SubnetStats>? _virtualize;
    private Soon? _soon;
    private int? _rows;
    private long _total;
    private (string?, string?, bool, string) _read;

    [SupplyParameterFromQuery]
    public string? Range { get; set; }

    [SupplyParameterFromQuery]
    public bool Untouched { get; set; }

    [SupplyParameterFromQuery]
    public string? Sort { get; set; }

    private string Order => Sort is SubnetOrder.Fullest or SubnetOrder.Emptiest ? Sort : SubnetOrder.Address;

    private string? Subtitle =>
        _stats is { } stats
            ? $"{Format.Count(stats.Subnets - stats.UntouchedSubnets)} of {Format.Count(stats.Subnets)} /24s are in use"
            : null;

    private string Counted =>
        Order == SubnetOrder.Address
            ? $"{Format.Count(_rows ?? 0)} networks"
            : $"{Format.Count(_rows ?? 0)} networks; at most the {Format.Count(MostSorted)} at this end are shown";

    protected override async Task OnInitializedAsync()
    {
        _soon = new Soon(() => InvokeAsync(RefreshAsync), TimeSpan.FromSeconds(5), Clock, Ends);
        await BeginAsync();
    }

    protected override void ReadAgain() => _soon?.Want();

    protected override async Task OnParametersSetAsync()
    {
        var wanted = (Current, Range, Untouched, Order);
        if (Pools is null || Current is null || _read == wanted)
            return;
        _read = wanted;
        _rows = null;
        await ReadAsync();
    }

    protected override Task OnHappenedAsync(Event happened)
    {
        if (happened.Type.Split('.')[0] is "lease" or "vm" or "pool")
            _soon?.Want();
        return Task.CompletedTask;
    }

    private async Task RefreshAsync()
    {
        if (Current is null || _rows is null)
            return;
        await ReadAsync();
        if (_virtualize is not null)
            await TryAsync(_virtualize.RefreshDataAsync);
        StateHasChanged();
    }

    private Task<bool> ReadAsync() =>
        TryAsync(async () =>
        {
            var wanted = _read;
            var top = Order == SubnetOrder.Address ? 10 : MostSorted;
            var stats = await Api.GetAsync(Path("stats", ("top", $"{top}")), ContractsJson.Default.PoolStats, Ends);
            if (wanted != _read)
                return;
            _stats = stats;
            if (Order != SubnetOrder.Address)
            {
                _sorted =
                    Order == SubnetOrder.Fullest
                        ? SubnetOrder.Hottest(stats, MostSorted)
                        : SubnetOrder.Coldest(stats, MostSorted);
                _rows = _sorted.Count;
                return;
            }
            var (pages, range, untouched) = (new SubnetPages(PageAsync), Range, Untouched);
            var first = await pages.RowsAsync(0, 1, Ends);
            // How many are in use is known of the whole pool; of a part of it they have to be counted.
            var rows =
                first.Count == 0 ? 0
                : untouched
                    ? pages.IsCounted ? pages.Known
                        : (int)_total
                : range is null ? (int)Math.Max(stats.Subnets - stats.UntouchedSubnets, pages.Known)
                : await pages.CountAsync(Ends);
            if (wanted == _read)
                (_pages, _rows) = (pages, rows);
        });

    private async Task<SubnetList> PageAsync(string? cursor, int limit, CancellationToken cancellationToken)
    {
        var path = Path(
            "subnets",
            ("range", Range),
            ("untouched", Untouched ? "true" : null),
            ("limit", $"{limit}"),
            ("cursor", cursor)
        );
        var list = await Api.GetAsync(path, ContractsJson.Default.SubnetList, cancellationToken);
        _total = list.Subnets;
        return list;
    }

    private async ValueTask<ItemsProviderResult<SubnetStats>> RowsAsync(ItemsProviderRequest request)
    {
        IReadOnlyList<SubnetStats> rows = [];
        if (Order != SubnetOrder.Address)
            rows = [.. _sorted.Skip(request.StartIndex).Take(request.Count)];
        else if (_pages is { } pages)
            rows = await ReadRowsAsync(pages, request);
        _trends.Add(Clock.GetUtcNow(), rows);
        return new ItemsProviderResult<SubnetStats>(rows, _rows ?? 0);
    }

    private async Task<IReadOnlyList<SubnetStats>> ReadRowsAsync(SubnetPages pages, ItemsProviderRequest request)
    {
        IReadOnlyList<SubnetStats> rows = [];
        try
        {
            await TryAsync(async () =>
                rows = await pages.RowsAsync(request.StartIndex, request.Count, request.CancellationToken)
            );
        }
        catch (OperationCanceledException) when (request.CancellationToken.IsCancellationRequested)
        {
            // What was scrolled past: the table only takes it from its own token, and calls have one of theirs.
            request.CancellationToken.ThrowIfCancellationRequested();
        }
        return rows;
    }
}
