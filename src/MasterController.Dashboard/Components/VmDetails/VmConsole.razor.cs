using MasterController.Contracts;
using MasterController.Dashboard.Api;
using MasterController.Dashboard.Text;
using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;
using MudBlazor;

namespace MasterController.Dashboard.Components.VmDetails;

/// <summary>What the guest writes, as it writes it, a few messages a second to the browser at most.</summary>
public sealed partial class VmConsole
{
    private const int Tail = 500;

    private static readonly TimeSpan ShownEvery = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Retry = TimeSpan.FromSeconds(2);

    private readonly ConsoleBuffer _buffer = new();
    private ElementReference _pre;
    private IJSObjectReference? _module;
    private IJSObjectReference? _view;
    private Exception? _error;
    private bool _isPaused;
    private bool _isOpen;
    private bool _isNew;

    [Inject]
    private IJSRuntime Js { get; set; } = null!;

    [Inject]
    private ISnackbar Snackbar { get; set; } = null!;

    [Inject]
    private TimeProvider Clock { get; set; } = null!;

    [Parameter, EditorRequired]
    public Vm Vm { get; set; } = null!;

    /// <summary>The VM was deleted: there is nothing to connect to any more.</summary>
    [Parameter]
    public bool IsGone { get; set; }

    private string State =>
        (_isPaused || Live.Paused, IsGone, _isOpen) switch
        {
            (true, _, _) => "paused",
            (_, true, _) => "ended",
            (_, _, true) => "live",
            _ => "connecting",
        };

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (!firstRender)
            return;
        _module = await Js.InvokeAsync<IJSObjectReference>("import", $"./{Assets["js/console.js"]}");
        _view = await _module.InvokeAsync<IJSObjectReference>("open", _pre);
        _ = Task.WhenAll(FollowAsync(), ShowAsync());
    }

    public async ValueTask DisposeAsync()
    {
        Dispose();
        try
        {
            if (_view is not null)
            {
                await _view.InvokeVoidAsync("close");
                await _view.DisposeAsync();
            }
            if (_module is not null)
                await _module.DisposeAsync();
        }
        catch (JSDisconnectedException)
        {
            // The browser is gone, and all of it with that.
        }
    }

    /// <summary>Reads as long as the page is there, and connects again: a controller that restarts goes on.</summary>
    private async Task FollowAsync()
    {
        var bytes = new byte[16 * 1024];
        while (!Ends.IsCancellationRequested && !IsGone)
        {
            _error = await Refusal.OfAsync(async () =>
            {
                var path = $"vms/{QueryText.Part(Vm.Id)}/console?follow=true&tail={Tail}";
                await using var stream = await Api.StreamAsync(path, Ends);
                (_isOpen, _isNew) = (true, true);
                RenderSoon();
                try
                {
                    while (await stream.ReadAsync(bytes, Ends) is > 0 and var read)
                        _buffer.Add(bytes.AsSpan(0, read));
                }
                catch (Exception lost) when (lost is IOException or HttpRequestException)
                {
                    // The banner of the page says that the controller is gone.
                }
            });
            _isOpen = false;
            RenderSoon();
            if (Refusal.IsNotFound(_error))
                return;
            await Task.Delay(Retry, Clock, Ends).ConfigureAwait(SuppressAndStay);
        }
    }

    private async Task ShowAsync()
    {
        try
        {
            while (!Ends.IsCancellationRequested)
            {
                if (!_isPaused && !Live.Paused && _buffer.Take() is { } text)
                {
                    // The tail is sent again by a stream that was connected again.
                    if (_isNew)
                        await _view!.InvokeVoidAsync("clear", Ends);
                    _isNew = false;
                    await _view!.InvokeVoidAsync("append", Ends, text);
                }
                await Task.Delay(ShownEvery, Clock, Ends).ConfigureAwait(SuppressAndStay);
            }
        }
        catch (Exception gone)
            when (gone is JSDisconnectedException or OperationCanceledException or ObjectDisposedException)
        {
            // Nobody looks any more.
        }
    }

    private const ConfigureAwaitOptions SuppressAndStay =
        ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext;

    private async Task CallAsync(string function)
    {
        if (_view is not null)
            await _view.InvokeVoidAsync(function);
    }

    private async Task CopyAsync()
    {
        if (_view is not null && await _view.InvokeAsync<bool>("copy"))
            Snackbar.Add("The console was copied.", Severity.Success);
        else
            Snackbar.Add("The browser did not let it be copied.", Severity.Warning);
    }

    private async Task DownloadAsync()
    {
        if (_view is not null)
            await _view.InvokeVoidAsync("download", $"{Vm.Name}-console.txt");
    }
}
