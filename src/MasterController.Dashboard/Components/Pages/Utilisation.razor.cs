using System.Globalization;
using MasterController.Contracts;
using MasterController.Dashboard.Components.Utilisation;
using MasterController.Dashboard.Live;
using MasterController.Dashboard.Text;
using Microsoft.AspNetCore.Components;

namespace MasterController.Dashboard.Components.Pages;

/// <summary>How full a pool was, how large, and how full it is about to be.</summary>
public sealed partial class Utilisation
{
    /// <summary>A sample comes each minute; the forecast moves with it.</summary>
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(30);

    private TimeWindow _window = new(TimeWindow.Day, default, default);
    private UtilisationSeries? _series;
    private UtilisationChart? _chart;
    private PoolStats? _stats;
    private Soon? _soon;
    private bool _asTable;
    private string? _wrong;
    private (string?, string?, string?, string?) _read;

    [SupplyParameterFromQuery]
    public string? Window { get; set; }

    [SupplyParameterFromQuery]
    public string? From { get; set; }

    [SupplyParameterFromQuery]
    public string? To { get; set; }

    private string? Subtitle =>
        _stats is { } stats
            ? $"{Format.Count(stats.Used)} of {Format.Count(stats.Total - stats.Reserved)} addresses used now ({Format.Percent(stats.Used, stats.Total - stats.Reserved)})"
            : null;

    private string File =>
        "/"
        + Query.Of(
            "export/utilisation.csv",
            ("pool", Current),
            ("from", Rfc3339(_window.From)),
            ("to", Rfc3339(_window.To))
        );

    protected override async Task OnInitializedAsync()
    {
        _soon = new Soon(() => InvokeAsync(RefreshAsync), Every, Clock, Ends);
        await BeginAsync();
        _soon.Want();
    }

    protected override void ReadAgain() => _soon?.Want();

    protected override async Task OnParametersSetAsync()
    {
        var wanted = (Current, Window, From, To);
        _window = TimeWindow.Of(Window, From, To, Clock.GetUtcNow(), out _wrong);
        if (Pools is null || Current is null || _read == wanted || _wrong is not null)
            return;
        _read = wanted;
        await ReadAsync();
    }

    protected override async Task OnHappenedAsync(Event happened)
    {
        // What was expanded is seen at once.
        if (happened.Type == "pool.redefined" && happened.Subject == Current)
            await ReadAsync();
    }

    private void Choose(string window) =>
        Go(
            ("window", window == TimeWindow.Day ? null : window),
            ("from", window == TimeWindow.Own ? TimeWindow.Written(_window.From) : null),
            ("to", window == TimeWindow.Own ? TimeWindow.Written(_window.To) : null)
        );

    private async Task RefreshAsync()
    {
        _soon!.Want();
        if (Live.Paused || _wrong is not null || Current is null || _window.Name == TimeWindow.Own)
            return;
        _window = TimeWindow.Of(Window, From, To, Clock.GetUtcNow(), out _);
        await ReadAsync();
        StateHasChanged();
    }

    private Task<bool> ReadAsync() =>
        TryAsync(async () =>
        {
            var (wanted, window) = (_read, _window);
            var path = Path("utilisation", ("from", Rfc3339(window.From)), ("to", Rfc3339(window.To)));
            var series = await Api.GetAsync(path, ContractsJson.Default.UtilisationSeries, Ends);
            var versions = await Api.GetAsync(Path("history"), ContractsJson.Default.PoolVersionList, Ends);
            var stats = await Api.GetAsync(Path("stats", ("top", "0")), ContractsJson.Default.PoolStats, Ends);
            if (wanted != _read)
                return;
            var isNow = Clock.GetUtcNow() - window.To < TimeSpan.FromMinutes(2);
            (_series, _stats) = (series, stats);
            _chart = UtilisationChart.Of(series, versions.Items, stats.Forecast, isNow);
        });

    private static string Rfc3339(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);
}
