using MasterController.Dashboard.Api;
using MasterController.Dashboard.Live;

namespace MasterController.Dashboard.Components.Shared;

/// <summary>A part of a page that calls the controller, and shows what its last call was refused with.</summary>
public abstract class CallingComponent : LiveComponent
{
    private int _calls;

    /// <summary>Of the last call; null where it came off.</summary>
    protected Exception? Error { get; set; }

    protected bool Busy => _calls > 0;

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
}
