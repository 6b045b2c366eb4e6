using MasterController.Core.Access;
using MasterController.Core.Addressing;
using MasterController.Core.HostNetwork;
using MasterController.Core.Operations;
using MasterController.Core.Store;
using MasterController.Linux.Processes;

namespace MasterController.Core.Vms;

public sealed partial class VmLifecycle
{
    private const string RestartKind = "vm.restart";
    private const string DeleteKind = "vm.delete";
    private const string StopStep = "stop";

    /// <summary>A VM that fails again sooner than this waits twice as long for its next restart.</summary>
    private static readonly TimeSpan StableAfter = TimeSpan.FromMinutes(10);

    private static readonly TimeSpan FirstRestartDelay = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestRestartDelay = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(5);

    private async Task FinishStopAsync(VmEntry entry, TimeSpan grace)
    {
        await entry.Gate.WaitAsync();
        try
        {
            await StopGatedAsync(entry, grace, VmStatus.Stopped);
        }
        finally
        {
            entry.Gate.Release();
        }
    }

    private async Task StopGatedAsync(VmEntry entry, TimeSpan grace, VmStatus next)
    {
        var forced = false;
        await UntilDoneAsync(
            entry,
            async () => forced |= await runtime.TakeDownAsync(entry.Record, grace, entry.Doomed.Token)
        );
        await UpdateUntilStoredAsync(
            entry,
            v =>
                v.Status == VmStatus.Stopping
                    ? Ended(
                        v,
                        next,
                        forced && grace > TimeSpan.Zero ? $"forced after {grace.TotalSeconds:0.#} s" : null
                    )
                    : null
        );
    }

    private async Task FinishRestartAsync(VmEntry entry, OperationRun run, TimeSpan grace)
    {
        await entry.Gate.WaitAsync();
        try
        {
            await run.StepAsync(
                StopStep,
                _ => StopGatedAsync(entry, grace, VmStatus.Starting),
                undo: null,
                CancellationToken.None
            );
            await BootGatedAsync(entry, run);
        }
        finally
        {
            entry.Gate.Release();
        }
    }

    /// <summary>
    /// (1) End the process and remove the attachment; (2) remove disks and logs; (3) in one commit give the addresses
    /// back and drop the record. The record goes last, so that a crash leaves something to go on from.
    /// </summary>
    private async Task FinishDeleteAsync(VmEntry entry)
    {
        using var measured = new MeasuredWork(DeleteKind, entry.Record.Id, clock);
        await entry.Gate.WaitAsync();
        try
        {
            while (!await TryDeleteAsync(entry, measured))
                await Task.Delay(RetryDelay, clock, work.Stopping);
            measured.Succeed();
        }
        finally
        {
            entry.Gate.Release();
        }
    }

    private async Task<bool> TryDeleteAsync(VmEntry entry, MeasuredWork measured)
    {
        var vm = entry.Record;
        try
        {
            await measured.StepAsync("take down", () => runtime.TakeDownAsync(vm, TimeSpan.Zero, entry.Doomed.Token)); // 1
            directories.Delete(vm.Id); // 2
            await measured.StepAsync("drop the record", () => DropRecordAsync(entry)); // 3
        }
        catch (Exception failure)
        {
            LogDeleteFailed(failure, vm.Id, RetryDelay.TotalSeconds);
            await TellWhyAsync(entry, $"could not be deleted yet: {failure.Message}");
            return false;
        }
        _registry.Remove(entry);
        events.Publish("vm.deleted", vm.Id, $"{vm.Name} {vm.Address}");
        return true;
    }

    private async Task DropRecordAsync(VmEntry entry)
    {
        // No change of how it is reached from outside is under way then.
        await entry.ExternalTurn.WaitAsync(work.Stopping);
        try
        {
            var vm = entry.Record;
            var dedicated = GiveBack(vm);
            StoreChange[] gone = [new StoreChange.VmDeleted(vm.Id), .. dedicated?.Rows ?? []];
            var released = await pools.ReleaseAsync(vm.Pool, vm.Address, vm.Id, gone, CancellationToken.None);
            if (released is not ReleaseOutcome.Released)
                await store.CommitAsync(gone);
            if (dedicated is not null)
            {
                external.Commit(dedicated.Reservation);
                TellExternal(dedicated.Change);
            }
            external.Settle(vm.Id);
        }
        finally
        {
            entry.ExternalTurn.Release();
        }
    }

    /// <summary>Notices the end of a VM process that nobody asked to end.</summary>
    private async Task WatchAsync(VmEntry entry, ProcessIdentity process)
    {
        var exit = await processes.WatchAsync(process, work.Stopping);
        await entry.Gate.WaitAsync(work.Stopping);
        try
        {
            if (entry.Record.Process == process && entry.Record.Status == VmStatus.Running)
                await EndedByItselfAsync(entry, exit);
        }
        finally
        {
            entry.Gate.Release();
        }
    }

    private async Task EndedByItselfAsync(VmEntry entry, ProcessExit exit)
    {
        var (next, reason) = VmEnd.Explain(exit, LastOfConsole(entry.Record.Id));
        await UntilDoneAsync(entry, () => runtime.ReleaseAsync(entry.Record));
        var (vm, changed) = await UpdateUntilStoredAsync(
            entry,
            v => v.Status == VmStatus.Running ? Ended(v, next, reason) : null
        );
        if (changed && next == VmStatus.Failed)
            AfterFailure(entry, vm, ran: true);
    }

    /// <summary>Empty where it cannot be read: what a VM's process put in the file's place must not hold its end up.</summary>
    private string LastOfConsole(string vmId)
    {
        try
        {
            return console.OfThisBoot(vmId, VmEnd.ConsoleLines);
        }
        catch (IOException failure)
        {
            LogNoConsole(failure, vmId);
            return "";
        }
    }

    /// <param name="ran">It failed while it ran; else it did not come to run.</param>
    private void AfterFailure(VmEntry entry, VmRecord vm, bool ran)
    {
        if (vm.Restart != RestartPolicy.OnFailure)
            return;
        var wasStable = ran && vm.StartedAt is { } started && clock.GetUtcNow() - started > StableAfter;
        entry.QuickFailures = wasStable ? 1 : entry.QuickFailures + 1;
        var delay = FirstRestartDelay * Math.Pow(2, Math.Min(entry.QuickFailures - 1, 10));
        work.Run(
            $"restarting {vm.Id}",
            () => RestartLaterAsync(entry, vm, delay > LongestRestartDelay ? LongestRestartDelay : delay)
        );
    }

    /// <summary>
    /// Starts a VM again unless someone has changed it since it failed. What cannot be started just now (no memory,
    /// the image is being built) is tried again.
    /// </summary>
    private async Task RestartLaterAsync(VmEntry entry, VmRecord failed, TimeSpan delay)
    {
        // Whoever has started it before has not asked for this.
        Actor.Become(Actor.Controller);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(work.Stopping, entry.Doomed.Token);
        while (true)
        {
            await Task.Delay(delay, clock, either.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (either.IsCancellationRequested || !ReferenceEquals(entry.Record, failed))
                return;
            try
            {
                if (await BeginStartAsync(entry, countsAsRestart: true) is VmOutcome.Accepted)
                    return;
            }
            catch (StoreException failure)
            {
                LogTryingAgain(failure, failed.Id, LongestRestartDelay.TotalSeconds);
            }
            delay = LongestRestartDelay;
        }
    }

    /// <summary>
    /// What has to come about whatever happens, such as a VM's end: repeats it until it does, or until the VM is to be
    /// deleted, which removes all there is.
    /// </summary>
    private async Task UntilDoneAsync(VmEntry entry, Func<Task> once)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(work.Stopping, entry.Doomed.Token);
        while (true)
        {
            try
            {
                await once();
                return;
            }
            catch (Exception failure) when (failure is HostNetworkException or StoreException)
            {
                LogTryingAgain(failure, entry.Record.Id, RetryDelay.TotalSeconds);
            }
            await Task.Delay(RetryDelay, clock, either.Token);
        }
    }

    private async Task<(VmRecord Vm, bool Changed)> UpdateUntilStoredAsync(
        VmEntry entry,
        Func<VmRecord, VmRecord?> change
    )
    {
        (VmRecord Vm, bool Changed) updated = default;
        await UntilDoneAsync(entry, async () => updated = await UpdateAsync(entry, change));
        return updated;
    }

    private async Task TellWhyAsync(VmEntry entry, string reason)
    {
        try
        {
            await UpdateAsync(entry, v => v with { StatusReason = reason });
        }
        catch (StoreException failure)
        {
            LogTryingAgain(failure, entry.Record.Id, RetryDelay.TotalSeconds);
        }
    }

    private static VmRecord Ended(VmRecord vm, VmStatus status, string? reason) =>
        vm with
        {
            Status = status,
            StatusReason = reason,
            Process = null,
            ReadyAt = null,
        };
}
