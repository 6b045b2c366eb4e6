namespace MasterController.Core.Vms;

/// <summary>
/// A VM in memory. The record is replaced under <see cref="Lock"/>; work on the VM (boot, stop, delete) goes one
/// after the other through <see cref="Gate"/>.
/// </summary>
internal sealed class VmEntry(VmRecord record)
{
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Lock Lock { get; } = new();

    public SemaphoreSlim Gate { get; } = new(1, 1);

    /// <summary>
    /// One change of how the VM is reached from outside after the other, until each is stored. Taken after the gate where
    /// both are.
    /// </summary>
    public SemaphoreSlim ExternalTurn { get; } = new(1, 1);

    public VmRecord Record { get; private set; } = record;

    /// <summary>The record is gone from the store; nobody finds this entry any more.</summary>
    public bool Deleted { get; private set; }

    /// <summary>Cancelled when the VM is to be deleted, so that a boot under way gives up.</summary>
    public CancellationTokenSource Doomed { get; } = new();

    /// <summary>Failures in a row, each soon after a start; touched by one task at a time.</summary>
    public int QuickFailures { get; set; }

    public void ReplaceLocked(VmRecord record)
    {
        Record = record;
        AnnounceLocked();
    }

    public void DeletedLocked()
    {
        Deleted = true;
        AnnounceLocked();
    }

    /// <summary>The record, whether the VM is gone, and a task that ends with the next change of either.</summary>
    public (VmRecord Record, bool Deleted, Task Changed) Look()
    {
        lock (Lock)
            return (Record, Deleted, _changed.Task);
    }

    private void AnnounceLocked()
    {
        _changed.SetResult();
        _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
