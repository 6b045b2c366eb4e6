using MasterController.Core.Access;
using MasterController.Core.External;
using MasterController.Core.HostNetwork;
using MasterController.Core.HostNetwork.Dedicated;
using MasterController.Core.Store;

namespace MasterController.Core.Vms;

public sealed partial class VmLifecycle
{
    /// <summary>
    /// Changes how VMs are reached from outside: (1) take what they would get; (2) store their records and the change in one
    /// commit; (3) in force, also for conversations that there are; (4) free what they gave back. Of several VMs the first
    /// loses it before the next is given it, and nothing else is done with any of them meanwhile.
    /// </summary>
    /// <param name="ids">Those that lose something first.</param>
    /// <param name="decide">Is asked with the records, in that order, when nobody else changes them.</param>
    internal async Task<(ExternalOutcome Outcome, bool MayRetry)> ChangeExternalAsync(
        IReadOnlyList<string> ids,
        Func<IReadOnlyList<VmRecord>, ExternalDecision> decide
    )
    {
        List<VmEntry> entries = [];
        foreach (var id in ids)
        {
            if (_registry.Find(id) is not { } entry)
                return (new ExternalOutcome.NotFound("VM", id), false);
            entries.Add(entry);
        }
        // In the order of ids, so that two changes of the same VMs cannot wait for each other; gates before turns.
        List<SemaphoreSlim> gates =
            entries.Count > 1 ? [.. entries.OrderBy(e => e.Record.Id, StringComparer.Ordinal).Select(e => e.Gate)] : [];
        List<SemaphoreSlim> held = [];
        try
        {
            await EnterAsync(gates, held);
            var (outcome, change, mayRetry) = await StoreExternalAsync(entries, decide);
            if (change is null)
                return (outcome, mayRetry);
            var refusal = gates.Count == 0 ? await TryPutExternalInForceAsync(entries[0]) : await TryMoveAsync(entries);
            TellExternal(change);
            return (
                refusal is null
                    ? outcome
                    : new ExternalOutcome.NotInForce(refusal.Value.Entry.Record, refusal.Value.Why),
                false
            );
        }
        finally
        {
            held.ForEach(gate => gate.Release());
        }
    }

    /// <summary>The attachment of a VM, with another external access, as it would be in the kernel; null where it has none.</summary>
    internal Attachment? AttachmentWith(VmRecord vm, ExternalAccess access) =>
        vm.Status is VmStatus.Running or VmStatus.Stopping
            ? runtime.AttachmentOf(vm with { External = access.OrNull() }, Settings)
            : null;

    private async Task<(ExternalOutcome Outcome, ExternalChange? Change, bool MayRetry)> StoreExternalAsync(
        List<VmEntry> entries,
        Func<IReadOnlyList<VmRecord>, ExternalDecision> decide
    )
    {
        List<SemaphoreSlim> held = [];
        try
        {
            await EnterAsync(
                [.. entries.OrderBy(e => e.Record.Id, StringComparer.Ordinal).Select(e => e.ExternalTurn)],
                held
            );
            VmRecord[] records = [.. entries.Select(e => e.Record)];
            if (WrongStateOf(entries) is { } wrong)
                return (wrong, null, false);
            var decision = decide(records);
            if (decision.Refusal is { } refusal)
                return (refusal, null, false);
            if (decision.ChangesNothing)
                return (Outcome(decision, id: null, time: null), null, false);

            // 1
            var (gains, losses) = QuotaChanges(records, decision);
            if (TryTake(gains) is { } exceeded)
                return (exceeded, null, false);
            if (external.TryBegin(decision.Vms, decision.Field, out var reservation) is { } taken)
            {
                Give(gains);
                return (new ExternalOutcome.Refused(taken), null, decision.IsChosen);
            }

            // 2
            var change = new ExternalChange(
                ExternalChange.NewId(),
                clock.GetUtcNow(),
                decision.Action,
                decision.Summary,
                decision.Vms,
                Actor.Current
            );
            StoreChange[] alongside = [.. reservation.Rows, new StoreChange.ExternalChangeSaved(change)];
            List<VmEntry> putBack = [];
            try
            {
                if (
                    !await _registry.UpdateAllAsync(
                        entries,
                        (vm, i) =>
                            vm.Status == VmStatus.Deleting
                                ? null
                                : vm with
                                {
                                    External = AfterOf(decision, entries[i]).OrNull(),
                                },
                        alongside,
                        putBack
                    )
                )
                {
                    external.Revoke(reservation);
                    Give(gains);
                    return (WrongStateOf(entries) ?? new ExternalOutcome.NotFound("VM", records[0].Id), null, false);
                }
            }
            catch (StoreException)
            {
                Give(gains);
                if (putBack.Count == 0)
                    external.Revoke(reservation);
                else
                    PutBack(putBack, records, reservation, held);
                throw;
            }
            external.Commit(reservation);
            Give(losses);
            return (Outcome(decision, change.Id, change.Time), change, false);
        }
        finally
        {
            held.ForEach(turn => turn.Release());
        }
    }

    /// <summary>
    /// Records that others have changed since carry what could not be stored: it is taken out of them again, and only then is
    /// what was taken free. Nobody changes these VMs' external access meanwhile.
    /// </summary>
    private void PutBack(
        List<VmEntry> entries,
        VmRecord[] before,
        ExternalReservation reservation,
        List<SemaphoreSlim> turns
    )
    {
        SemaphoreSlim[] kept = [.. turns];
        turns.Clear();
        work.Run(
            "putting back external access",
            async () =>
            {
                try
                {
                    foreach (var entry in entries)
                    {
                        var was = before.First(r => r.Id == entry.Record.Id).External;
                        await UpdateUntilStoredAsync(entry, vm => vm with { External = was });
                    }
                    external.Revoke(reservation);
                }
                finally
                {
                    foreach (var turn in kept)
                        turn.Release();
                }
            }
        );
    }

    /// <summary>One that is refused is tried again beside the others.</summary>
    private async Task<(VmEntry Entry, string Why)?> TryPutExternalInForceAsync(VmEntry entry)
    {
        if (entry.Record.Status == VmStatus.Stopping)
        {
            // It loses all it has in the kernel when it has stopped; nobody has to wait for that.
            work.Run($"freeing addresses of {entry.Record.Id}", () => SettleAfterStopAsync(entry));
            return null;
        }
        return await TryPutInForceAsync(entry) is { } why ? (entry, why) : null;
    }

    private async Task SettleAfterStopAsync(VmEntry entry)
    {
        await entry.Gate.WaitAsync(work.Stopping);
        try
        {
            await SettleGatedAsync(entry, inKernel: null);
        }
        finally
        {
            entry.Gate.Release();
        }
    }

    /// <summary>Called with the gates of all of them.</summary>
    private async Task<(VmEntry Entry, string Why)?> TryMoveAsync(List<VmEntry> entries)
    {
        foreach (var entry in entries)
        {
            try
            {
                await PutExternalInForceGatedAsync(entry);
            }
            catch (HostNetworkException failure)
            {
                LogTryingAgain(failure, entry.Record.Id, RetryDelay.TotalSeconds);
                work.Run($"moving an address of {entry.Record.Id}", () => MoveAgainUntilDoneAsync(entries));
                return (entry, failure.Message);
            }
        }
        return null;
    }

    /// <summary>That one of the VMs is deleted meanwhile does not end it: the next has to be given what was its.</summary>
    private async Task MoveAgainUntilDoneAsync(List<VmEntry> entries)
    {
        while (true)
        {
            await Task.Delay(RetryDelay, clock, work.Stopping);
            try
            {
                await MoveAgainAsync(entries);
                return;
            }
            catch (HostNetworkException failure)
            {
                LogTryingAgain(failure, entries[0].Record.Id, RetryDelay.TotalSeconds);
            }
        }
    }

    private async Task MoveAgainAsync(List<VmEntry> entries)
    {
        List<SemaphoreSlim> held = [];
        try
        {
            await EnterAsync([.. entries.OrderBy(e => e.Record.Id, StringComparer.Ordinal).Select(e => e.Gate)], held);
            foreach (var entry in entries.Where(e => !e.Deleted))
                await PutExternalInForceGatedAsync(entry);
        }
        finally
        {
            held.ForEach(gate => gate.Release());
        }
    }

    private async Task PutExternalInForceGatedAsync(VmEntry entry)
    {
        var vm = entry.Record;
        // One that is to be stopped or deleted is attached until whoever does it has this gate.
        if (vm.Status is VmStatus.Running or VmStatus.Stopping or VmStatus.Deleting)
            await network.UpdateAsync(runtime.AttachmentOf(vm, Settings), CancellationToken.None);
        await SettleGatedAsync(entry, vm.External);
    }

    /// <summary>
    /// What the VM neither has in the kernel nor in its record is free now. With the VM's gate: nothing else changes what it
    /// has in the kernel.
    /// </summary>
    private async Task SettleGatedAsync(VmEntry entry, ExternalAccess? inKernel)
    {
        await entry.ExternalTurn.WaitAsync(work.Stopping);
        try
        {
            external.Settle(entry.Record.Id, inKernel, entry.Deleted ? null : entry.Record.External);
        }
        finally
        {
            entry.ExternalTurn.Release();
        }
    }

    private void TellExternal(ExternalChange change)
    {
        foreach (var vm in change.Vms)
        {
            events.Publish(
                "external.changed",
                vm.Vm,
                change.Summary,
                new Dictionary<string, string>
                {
                    ["name"] = vm.Name,
                    ["action"] = change.Action,
                    ["change"] = change.Id,
                }
            );
        }
    }

    private static ExternalAccess AfterOf(ExternalDecision decision, VmEntry entry) =>
        decision.Vms.First(v => v.Vm == entry.Record.Id).After;

    private static ExternalOutcome? WrongStateOf(List<VmEntry> entries) =>
        entries.FirstOrDefault(e => e.Record.Status == VmStatus.Deleting || e.Deleted) is { } going
            ? new ExternalOutcome.WrongState(going.Record, "be given or lose addresses and ports")
            : null;

    private static ExternalOutcome.Done Outcome(ExternalDecision decision, string? id, DateTimeOffset? time) =>
        new(id, time, decision.Action, decision.Summary, IsPlan: false, decision.Vms, Host: []);

    private async Task EnterAsync(List<SemaphoreSlim> wanted, List<SemaphoreSlim> held)
    {
        foreach (var semaphore in wanted)
        {
            await semaphore.WaitAsync(work.Stopping);
            held.Add(semaphore);
        }
    }
}
