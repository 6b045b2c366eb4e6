using MasterController.Core.Operations;

namespace MasterController.Core.PoolChanges;

/// <summary>A change that this controller carries out, with what others may tell it meanwhile.</summary>
internal sealed class RunningPoolChange(PoolChange change, OperationRun run)
{
    private readonly Lock _lock = new();
    private readonly TaskCompletionSource _confirmation = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool? _isConfirmed;

    /// <summary>Replaced by the one task that carries it out.</summary>
    public PoolChange Change { get; set; } = change;

    public OperationRun Run => run;

    /// <summary>Cancelled when the addresses that it waits for are to be leased again.</summary>
    public CancellationTokenSource Undrained { get; } = new();

    /// <summary>Ends when it is confirmed.</summary>
    public Task Confirmation => _confirmation.Task;

    /// <summary>False when it is too late; confirming twice is no mistake.</summary>
    public bool TryConfirm()
    {
        lock (_lock)
            _isConfirmed ??= true;
        if (_isConfirmed == true)
            _confirmation.TrySetResult();
        return _isConfirmed.Value;
    }

    /// <summary>False when it was confirmed in time.</summary>
    public bool TryExpire()
    {
        lock (_lock)
            _isConfirmed ??= false;
        return !_isConfirmed.Value;
    }
}
