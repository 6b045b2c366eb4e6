using MasterController.Contracts;
using MasterController.Dashboard.Api;
using Microsoft.AspNetCore.Components;

namespace MasterController.Dashboard.Live;

/// <summary>
/// A page or part of one that follows the controller: it is rendered anew when the snapshot changes, a few times a second
/// at most, and told of events. Calls of the API that it makes should pass <see cref="Ends"/>.
/// </summary>
public abstract class LiveComponent : ComponentBase, IDisposable
{
    private static readonly TimeSpan RenderAtMostEvery = TimeSpan.FromMilliseconds(250);

    private readonly CancellationTokenSource _ends = new();

    /// <summary>0: nothing is under way; 1: rendered a moment ago; 2: and wanted again since.</summary>
    private int _rendering;

    [Inject]
    internal LiveView Live { get; set; } = null!;

    [Inject]
    internal ControllerApi Api { get; set; } = null!;

    /// <summary>When the component is gone.</summary>
    protected CancellationToken Ends { get; }

    internal LiveSnapshot Now => Live.Now;

    // Kept apart from its source: a call that comes back after the component is gone still asks for it.
    protected LiveComponent() => Ends = _ends.Token;

    /// <summary>Whether whoever is logged in has at least this role: "viewer", "operator" or "admin".</summary>
    protected bool May(string role) => Roles.Includes(Now.Me?.Role, role);

    protected override void OnInitialized()
    {
        Live.Changed += RenderSoon;
        Live.Happened += OnHappened;
    }

    /// <summary>An event, in the component's context. Nothing by default.</summary>
    protected virtual Task OnHappenedAsync(Event happened) => Task.CompletedTask;

    /// <summary>Renders anew soon, however often it is called; on any thread.</summary>
    protected void RenderSoon()
    {
        if (_ends.IsCancellationRequested)
            return;
        if (Interlocked.CompareExchange(ref _rendering, 1, 0) == 0)
            _ = RenderAsync();
        else
            Interlocked.CompareExchange(ref _rendering, 2, 1);
    }

    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    protected virtual void Dispose(bool disposing)
    {
        if (!disposing || _ends.IsCancellationRequested)
            return;
        Live.Changed -= RenderSoon;
        Live.Happened -= OnHappened;
        _ends.Cancel();
        _ends.Dispose();
    }

    private async Task RenderAsync()
    {
        await InvokeAsync(StateHasChanged);
        await Task.Delay(RenderAtMostEvery, CancellationToken.None);
        if (Interlocked.Exchange(ref _rendering, 0) == 2)
            RenderSoon();
    }

    private void OnHappened(Event happened) =>
        _ = InvokeAsync(async () =>
        {
            if (!_ends.IsCancellationRequested)
                await OnHappenedAsync(happened);
        });
}
