using MasterController.Dashboard.Api;
using MasterController.Dashboard.Live;
using Microsoft.AspNetCore.Components;

namespace MasterController.Dashboard.Components.Shared;

/// <summary>A part of a page that calls the controller, and shows what its last call was refused with.</summary>
public abstract class CallingComponent : LiveComponent
{
    private int _calls;
    private bool _lost;

    [Inject]
    protected TimeProvider Clock { get; set; } = null!;

    /// <summary>Of the last call; null where it came off.</summary>
    protected Exception? Error { get; set; }

    protected bool Busy => _calls > 0;

    protected override void OnInitialized()
    {
        base.OnInitialized();
        Live.Changed += Look;
    }

    protected override void Dispose(bool disposing)
    {
        Live.Changed -= Look;
        base.Dispose(disposing);
    }

    /// <summary>
    /// The controller is heard again after it was not: what happened meanwhile was not told. On any thread; nothing by
    /// default.
    /// </summary>
    protected virtual void OnFoundAgain() { }

    /// <summary>
    /// Reads anew, and shows it, so long after it is wanted, once for all that want it meanwhile; in the component's context.
    /// </summary>
    internal Soon Rereading(Func<Task> read, TimeSpan wait) =>
        new(
            () =>
                InvokeAsync(async () =>
                {
                    await read();
                    StateHasChanged();
                }),
            wait,
            Clock,
            Ends
        );

    /// <returns>Whether it came off.</returns>
    protected async Task<bool> TryAsync(Func<Task> calls)
    {
        _calls++;
        try
        {
            await calls();
            Error = null;
            return true;
        }
        catch (OperationCanceledException) when (Ends.IsCancellationRequested)
        {
            return false;
        }
        catch (Exception refused) when (refused is ApiException or ControllerUnreachableException)
        {
            Error = refused;
            return false;
        }
        finally
        {
            _calls--;
        }
    }

    private void Look()
    {
        if (Now.Lost is not null)
            _lost = true;
        else if (_lost && !Live.Paused)
        {
            _lost = false;
            OnFoundAgain();
        }
    }
}
