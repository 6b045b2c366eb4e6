using MasterController.Core.Operations;
using MasterController.Core.Store;
using MasterController.Linux.Processes;

namespace MasterController.Core.Vms;

public sealed partial class VmLifecycle
{
    private const string RestartKind = "vm.restart";
    private const string StopStep = "stop";

    /// <summary>A VM that fails again sooner than this waits twice as long for its next restart.</summary>
    private static readonly TimeSpan StableAfter = TimeSpan.FromMinutes(10);

    private static readonly TimeSpan FirstRestartDelay = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestRestartDelay = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan DeleteRetryDelay = TimeSpan.FromSeconds(5);

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
        var forced = await runtime.TakeDownAsync(entry.Record, grace, entry.Doomed.Token);
        if (next == VmStatus.Stopped)
            _registry.ReleaseMemory(entry.Record);
        await UpdateAsync(
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
    /// (1) End the process and remove the attachment; (2) remove disks and logs; (3) in one commit give the address
    /// back and drop the record. The record goes last, so that a crash leaves something to go on from.
    /// </summary>
    private async Task FinishDeleteAsync(VmEntry entry)
    {
        await entry.Gate.WaitAsync();
        try
        {
            while (!await TryDeleteAsync(entry))
                await Task.Delay(DeleteRetryDelay, clock, work.Stopping);
        }
        finally
        {
            entry.Gate.Release();
        }
    }

    private async Task<bool> TryDeleteAsync(VmEntry entry)
    {
        var vm = entry.Record;
        try
        {
            await runtime.TakeDownAsync(vm, TimeSpan.Zero, entry.Doomed.Token); // 1
            directories.Delete(vm.Id); // 2
            await pools.ReleaseAsync(
                vm.Pool,
                vm.Address,
                vm.Id,
                [new StoreChange.VmDeleted(vm.Id)],
                CancellationToken.None
            ); // 3
        }
        catch (Exception failure)
        {
            LogDeleteFailed(failure, vm.Id, DeleteRetryDelay.TotalSeconds);
            await UpdateAsync(entry, v => v with { StatusReason = $"could not be deleted yet: {failure.Message}" });
            return false;
        }
        _registry.Remove(entry);
        events.Publish("vm.deleted", vm.Id, $"{vm.Name} {vm.Address}");
        return true;
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
        var (next, reason) = VmEnd.Explain(exit, console.Tail(entry.Record.Id, VmEnd.ConsoleLines));
        await runtime.ReleaseAsync(entry.Record);
        _registry.ReleaseMemory(entry.Record);
        var (vm, changed) = await UpdateAsync(entry, v => v.Status == VmStatus.Running ? Ended(v, next, reason) : null);
        if (changed && next == VmStatus.Failed)
            AfterFailure(entry, vm);
    }

    private void AfterFailure(VmEntry entry, VmRecord vm)
    {
        _registry.ReleaseMemory(vm);
        if (vm.Restart != RestartPolicy.OnFailure)
            return;
        var wasStable = vm.StartedAt is { } started && clock.GetUtcNow() - started > StableAfter;
        entry.QuickFailures = wasStable ? 0 : entry.QuickFailures + 1;
        var delay = FirstRestartDelay * Math.Pow(2, Math.Min(entry.QuickFailures - 1, 10));
        work.Run(
            $"restarting {vm.Id}",
            () => RestartLaterAsync(entry, delay > LongestRestartDelay ? LongestRestartDelay : delay)
        );
    }

    private async Task RestartLaterAsync(VmEntry entry, TimeSpan delay)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(work.Stopping, entry.Doomed.Token);
        await Task.Delay(delay, clock, either.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!either.IsCancellationRequested && entry.Record.Status == VmStatus.Failed)
            await BeginStartAsync(entry, countsAsRestart: true);
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
