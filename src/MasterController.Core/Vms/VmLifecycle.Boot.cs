using MasterController.Core.Addressing;
using MasterController.Core.HostNetwork;
using MasterController.Core.Hypervisors;
using MasterController.Core.Operations;
using MasterController.Core.Store;
using MasterController.Linux.Processes;

namespace MasterController.Core.Vms;

public sealed partial class VmLifecycle
{
    private const string CreateKind = "vm.create";
    private const string StartKind = "vm.start";
    private const string DeletedMeanwhile = "the VM was deleted meanwhile";

    private async Task<VmOutcome> CreateOnceAsync(VmRequest request, Func<string, IdempotencyKey>? key)
    {
        // 1
        if (!network.CanAttach)
            return new VmOutcome.NetworkModeNone();
        var current = Settings;
        if (VmSpec.TryCreate(request, VmId.New(), current, out var errors) is not { } spec)
            return new VmOutcome.Invalid(errors);
        if (ImageRefusal(spec.Image) is { } noImage)
            return noImage;

        // 2
        if (await TryReserveAsync(spec, current.Limits) is { } refusal)
            return refusal;

        // 3
        var run = operations.Begin(CreateKind, spec.Id, VmRuntime.Steps);
        VmRecord? vm = null;
        LeaseOutcome? lease = null;
        DedicatedLease? dedicated = null;
        try
        {
            lease = await pools.LeaseAsync(
                spec.Pool,
                spec.Id,
                spec.Address,
                granted =>
                {
                    vm = NewRecord(spec, granted);
                    dedicated = LeaseIpv6(spec, ref vm);
                    StoreChange[] intent = [new StoreChange.VmSaved(vm), run.Record, .. _keys.Expire()];
                    intent = [.. intent, .. dedicated?.Rows ?? []];
                    return key is null ? intent : [.. intent, new StoreChange.IdempotencyKeySaved(key(vm.Id))];
                },
                CancellationToken.None,
                run.Id
            );
        }
        catch (DedicatedAddressException refused)
        {
            return new VmOutcome.NoDedicatedAddress(refused.Refusal);
        }
        finally
        {
            if (lease is not LeaseOutcome.Granted)
            {
                _registry.Unreserve(spec);
                operations.Abandon(run);
                if (dedicated is not null)
                    external.Revoke(dedicated.Reservation);
            }
        }
        if (lease is not LeaseOutcome.Granted)
            return new VmOutcome.NoAddress(lease);

        // 4
        var entry = _registry.Add(vm!);
        Announce(vm!);
        if (dedicated is not null)
        {
            external.Commit(dedicated.Reservation);
            TellExternal(dedicated.Change);
        }
        work.Run($"creating {vm!.Id}", () => BootAsync(entry, run));
        return new VmOutcome.Accepted(vm);
    }

    private async Task<VmOutcome?> TryReserveAsync(VmSpec spec, VmLimits limits)
    {
        using var turn = await quotas.AddressTurnAsync(spec.Owner, work.Stopping);
        return _registry.TryReserve(spec, limits, turn is null ? 0 : pools.HeldBy(spec.Owner!));
    }

    private VmRecord NewRecord(VmSpec spec, Lease lease)
    {
        var range = pools.RangeOf(lease.Pool, lease.Address)!;
        return new VmRecord(
            spec.Id,
            spec.Name,
            spec.Type.Name,
            spec.Owner,
            spec.Labels,
            spec.Image,
            spec.Vcpus,
            spec.MemoryMib,
            spec.Restart,
            lease.Pool,
            lease.Address,
            range.Network,
            range.Gateway,
            VmStatus.Creating,
            StatusReason: null,
            Hypervisor: null,
            Process: null,
            clock.GetUtcNow(),
            StartedAt: null,
            ReadyAt: null,
            Restarts: 0,
            spec.Egress,
            spec.RateLimit,
            pools.Find(lease.Pool)?.Network ?? NetworkMode.Routed
        );
    }

    private async Task<VmOutcome> BeginStartAsync(VmEntry entry, bool countsAsRestart)
    {
        if (!network.CanAttach)
            return new VmOutcome.NetworkModeNone();
        if (ImageRefusal(entry.Record.Image) is { } noImage)
            return noImage;
        VmOutcome? refusal = null;
        var run = operations.Begin(StartKind, entry.Record.Id, VmRuntime.Steps);
        var (vm, changed) = await UpdateWithRunAsync(
            entry,
            run,
            v =>
            {
                refusal = v.Status is VmStatus.Stopped or VmStatus.Failed
                    ? _registry.TryTakeMemory(v, Settings.Limits)
                    : new VmOutcome.WrongState(v, "start");
                return refusal is null
                    ? v with
                    {
                        Status = VmStatus.Starting,
                        StatusReason = null,
                        Restarts = countsAsRestart ? v.Restarts + 1 : v.Restarts,
                    }
                    : null;
            }
        );
        if (!changed)
            return refusal ?? new VmOutcome.NotFound(vm.Id);
        work.Run($"starting {vm.Id}", () => BootAsync(entry, run));
        return new VmOutcome.Accepted(vm);
    }

    private async Task BootAsync(VmEntry entry, OperationRun run)
    {
        await entry.Gate.WaitAsync();
        try
        {
            await BootGatedAsync(entry, run);
        }
        finally
        {
            entry.Gate.Release();
        }
    }

    /// <summary>Brings a VM up and says so; whatever goes wrong is undone and becomes the VM's status.</summary>
    private async Task BootGatedAsync(VmEntry entry, OperationRun run)
    {
        VmRecord vm;
        ProcessIdentity process;
        try
        {
            console.BeginBoot(entry.Record.Id);
            // Stored first: for as long as a guest may use a gateway, its record says so.
            await UpdateAsync(entry, v => WithCurrentRange(v) is var told && told != v ? told : null);
            var booted = await runtime.BringUpAsync(entry.Record, Settings, run, entry.Doomed.Token);
            (vm, var changed) = await UpdateAsync(entry, v => Booted(v, booted));
            if (!changed)
                throw new OperationCanceledException("the VM is to be deleted", entry.Doomed.Token);
            process = booted.Process;
        }
        catch (Exception failure)
        {
            var deleted = failure is OperationCanceledException && entry.Doomed.IsCancellationRequested;
            if (!deleted)
                LogBootFailed(failure, entry.Record.Id);
            await UndoAsync(entry, run);
            var reason = deleted ? DeletedMeanwhile : failure.Message;
            (vm, var failed) = await UpdateUntilStoredAsync(
                entry,
                v =>
                    v.Status is VmStatus.Creating or VmStatus.Starting
                        ? v with
                        {
                            Status = VmStatus.Failed,
                            StatusReason = reason,
                            Process = null,
                            Hypervisor = null,
                        }
                        : null
            );
            if (failed)
                AfterFailure(entry, vm, ran: false);
            await run.RolledBackAsync(reason);
            return;
        }
        var isNew = run.Current.Kind == CreateKind;
        // Watched before its operation is ended: that the store refuses the latter must not leave the VM alone.
        work.Run($"watching {vm.Id}", () => WatchAsync(entry, process));
        work.Run($"awaiting {vm.Id}", () => AwaitReadyAsync(entry, process, isNew));
        await run.SucceedAsync();
    }

    /// <summary>A guest that boots now is told today's mask and gateway of the range that its address lies in.</summary>
    private VmRecord WithCurrentRange(VmRecord vm) =>
        pools.RangeOf(vm.Pool, vm.Address) is { } range
            ? vm with
            {
                Network = range.Network,
                Gateway = range.Gateway,
            }
            : vm;

    private VmRecord? Booted(VmRecord vm, BootedVm booted) =>
        vm.Status is VmStatus.Creating or VmStatus.Starting
            ? vm with
            {
                Status = VmStatus.Running,
                StatusReason = null,
                Hypervisor = booted.Hypervisor,
                Process = booted.Process,
                StartedAt = clock.GetUtcNow(),
                ReadyAt = null,
            }
            : null;

    private async Task UndoAsync(VmEntry entry, OperationRun run)
    {
        try
        {
            await run.UndoAsync();
        }
        catch (AggregateException leftBehind)
        {
            LogUndoFailed(leftBehind, entry.Record.Id);
        }
    }

    /// <param name="isNew">Whether it is waited for since the VM was created.</param>
    private async Task AwaitReadyAsync(VmEntry entry, ProcessIdentity process, bool isNew)
    {
        if (!await console.WaitForReadyAsync(entry.Record.Id, process, work.Stopping))
            return;
        var (vm, changed) = await _registry.UpdateAsync(
            entry,
            v => v.Status == VmStatus.Running && v.Process == process ? v with { ReadyAt = clock.GetUtcNow() } : null
        );
        if (changed && isNew)
            VmMetrics.BecameReady(vm);
        if (changed)
            events.Publish("vm.ready", vm.Id, $"{vm.Name} {vm.Address}");
    }
}
